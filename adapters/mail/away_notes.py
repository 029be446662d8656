"""Subjects of automatic answers, as mail servers write them in the languages they speak.

They decide only which kind of machine wrote what is marked as a machine's already: a person may write about an office,
too. Words are compared folded and found at their beginning (`abwesen` in `Abwesenheitsnotiz`), `_` is a blank.
"""

import re

from ...normalizer.folding import fold

_WORDS = """
automatic_reply automated_reply auto_reply auto-reply autoreply automatic_response automated_response auto_response
auto-response autoresponse out_of_office out_of_the_office out-of-office vacation on_leave away_from_my away_from_the
automatische_antwort abwesen nicht_im_büro außer_haus nicht_am_platz urlaub
réponse_automatique absence absent_du en_congé
respuesta_automática fuera_de_la_oficina fuera_de_oficina ausencia respuesta_automàtica
resposta_automática resposta_automàtica ausência fora_do_escritório
risposta_automatica fuori_ufficio fuori_sede assenza
automatisch_antwoord automatische_antwoord afwezig niet_aanwezig
autosvar automatisk_svar automatiskt_svar automatsvar frånvaro fravær ikke_på_kontoret
automaattinen_vastaus automaattivastaus poissa
automatyczna_odp odpowiedź_autom nieobecn poza_biurem
automatická_odp nepřítom neprítom mimo_kancelář
automatikus_válasz távollét házon_kívül
răspuns_automat absent_din
автоответ автоматич_ автоматический_ответ автоматическ автоматичн автоматичен_отговор аутоматски_одговор вне_офиса
нет_на_месте поза_офісом отсъств
αυτόματη_απάντηση εκτός_γραφείου απουσί
otomatik_yanıt otomatik_cevap ofis_dışında
automatski_odgovor samodejni_odgovor odsot van_ureda
automatinis_atsakymas automātiska_atbilde automaatvastus
trả_lời_tự_động balasan_otomatis balasan_automatik jawaban_otomatis
"""
_ANYWHERE = """
自動応答 自動返信 不在 自动答复 自动回复 自動回覆 休假 자동_응답 자동_회신 자동_답장 부재 ตอบกลับอัตโนมัติ
رد_تلقائي الرد_التلقائي خارج_المكتب پاسخ_خودکار מענה_אוטומטי תשובה_אוטומטית מחוץ_למשרד स्वचालित_उत्तर स्वत:_उत्तर
"""


def is_away_note(subject: str) -> bool:
    """Whether the subject is that of an automatic answer; `AUTO:` and `OOO:` are those of Notes, and of people."""
    return _NOTE.search(fold(subject).strip()) is not None


def _folded(listed: str) -> list[str]:
    words = {fold(word.replace("_", " ")) for word in listed.split()}
    return sorted(map(re.escape, words), key=len, reverse=True)


_NOTE = re.compile(rf"\A(?:auto|ooo)\s?:|\Aooo\b|(?<!\w)(?:{'|'.join(_folded(_WORDS))})|{'|'.join(_folded(_ANYWHERE))}")
