"""Words that say where the answers stand: `see my answers below in red`.

A sentence points below when it speaks of an answer, and of a place that can only be inside the message it answers. The
lists hold beginnings of words, folded; a sentence of the person's own that introduces what they list themselves points
at that, so only the last words above a quotation count.
"""

import re

from .folding import fold

_ANSWER = """
see answer repl respon comment feedback note remark address
siehe antwort kommentar anmerkung rückmeldung beantwort geantwortet geschrieben hineingeschrieben
voir réponse répond commentaire remarque
ver vea respuesta respond contest comentario respostas resposta veja comentário
risposta risposte rispond commenti commento vedi veda
zie antwoord geantwoord beantwoord reactie opmerking
svar kommentar besvar
vasta vastaukset kommentti kommentit katso
odpowied komentarz patrz zobacz uwagi
odpov komentář komentár viz viď
odgovor komentar vidi glej
válasz megjegyzés lásd
răspuns comentari vezi
ответ ответил комментари смотри см отвеч відповід коментар див дивіться отговор виж
απαντήσ απάντησ σχόλι δείτε βλέπε
cevap yanıt yorum
jawab balas komentar lihat trả_lời xem ตอบ
回答 返信 返答 コメント ご確認 ご覧 回复 回覆 答复 答覆 批注 请看 請看 见 見 답변 회신 답장 코멘트 참고 확인
רד ראה תגוב תשוב התשוב התגוב עניתי انظر رد الرد ردود إجاب
"""
_PLACE = """
below inline in-line underneath interspersed embedded in_red in_blue in_green in_bold in_caps in_capitals
in_colour in_color in_the_text in_your_mail in_your_email in_your_e-mail in_your_message between_the_lines
within_your_mail within_your_email within_your_message under_your_questions under_each_question after_each_question
behind_each_question next_to_each_question
unten untenstehend weiter_unten unterhalb darunter im_text in_rot rot_markiert in_blau farbig in_ihrer_mail
in_ihre_mail in_deiner_mail in_deine_mail in_der_mail nachfolgend dazwischen unter_ihre_fragen unter_ihren_fragen
unter_deine_fragen unter_deinen_fragen unter_den_fragen bei_den_fragen hinter_den_fragen
ci-dessous plus_bas en_rouge en_bleu en_gras dans_le_texte en_dessous dans_votre_mail dans_votre_message
dans_le_corps sous_chaque_question sous_vos_questions
abajo más_abajo debajo a_continuación en_rojo en_azul en_negrita en_el_texto entre_líneas en_el_cuerpo
abaixo em_vermelho em_azul no_texto a_seguir no_corpo
sotto qui_sotto in_rosso in_blu nel_testo di_seguito in_calce nel_corpo sotto_ogni_domanda
hieronder onderstaand onderaan in_rood in_het_rood in_blauw in_de_tekst tussen_de_regels onder_je_vragen onder_uw_vragen
nedan nedanför nedenfor herunder i_rött i_rødt med_rött med_rødt i_texten i_teksten
under_dina_frågor under_dine_spørgsmål under_spørsmålene
alla alempana alapuolella punaisella tekstissä
poniżej niżej na_czerwono w_tekście w_treści
níže níže_v nižšie červeně červeným v_textu v_texte dole
ispod dolje dole crveno spodaj rdeče
lent alább pirossal a_szövegben
mai_jos cu_roșu în_text dedesubt
ниже внизу красным в_тексте в_письме под_вашими под_вопросами
нижче внизу червоним в_тексті у_листі під_вашими по-долу в_червено
παρακάτω κατωτέρω με_κόκκινο
aşağıda aşağıdaki aşağıdadır altta kırmızı metin_içinde
di_bawah bên_dưới dưới_đây ด้านล่าง
以下 下記 文中 本文中 下線 質問の下 赤字 インライン 下文 如下 下面 下方 红色 紅色 红字 邮件中 아래 하단 본문 빨간
למטה באדום בגוף أدناه بالأسفل بالأحمر
"""
_WIDEST = 600  # characters above the quotation; who writes more says it there
_BELOW_IT = 3  # lines under the pointing one: a farewell, a name
_SHORT = 40
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def points_below(own: str) -> bool:
    """Whether the words above a quotation say that answers stand inside it."""
    if not own or len(own) > _WIDEST:
        return False
    sentences = [sentence for sentence in _SENTENCE.split(own) if sentence.strip()]
    for back, sentence in enumerate(reversed(sentences)):
        if back > _BELOW_IT or (back and sentence.rstrip().endswith((":", "："))):
            return False
        if _points(sentence):
            return True
        if len(sentence) > _SHORT:
            return False
    return False


def _points(sentence: str) -> bool:
    folded = fold(sentence)
    return bool(_ANSWERS.search(folded) and _PLACES.search(folded))


def _beginnings(listed: str, *, whole: bool) -> re.Pattern[str]:
    words = {fold(word.replace("_", " ")) for word in listed.split()}
    spaced = sorted((re.escape(word) for word in words if not _UNSPACED.search(word)), key=len, reverse=True)
    unspaced = sorted(re.escape(word) for word in words if _UNSPACED.search(word))
    end = r"(?!\w)" if whole else ""
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)}){end}|{'|'.join(unspaced)}")


_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ANSWERS = _beginnings(_ANSWER, whole=False)
_PLACES = _beginnings(_PLACE, whole=True)
