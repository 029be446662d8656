"""The words by which mail programs introduce what they quote, in the languages they speak.

The rules in `quote_headings` are free of language where a language-free rule is safe: an address and a date in a line
that ends in a colon need no vocabulary. These words decide only where the shape alone could be a customer's own text.
All words are compared folded (`folding.fold`); scripts without word gaps are found anywhere, the others as words.
"""

import re
from collections.abc import Mapping

from .folding import fold

# `… wrote:` of Gmail, Apple Mail, Thunderbird, Outlook mobile, Yahoo.
_WROTE = """
wrote writes sent | schrieb schreibt geschrieben | écrit écrivait | escribió escribe enviou escreveu escreve |
scritto scrive scrisse | schreef schrijft geschreven | skrev skriver skrifaði | kirjoitti kirjoittaa | kirjutas
kirjutab | napisał napisała pisze napisal napisala napsal napsala napisao píše odoslal napísal | пишет писал
писала написал написала написав написала пише писав написа писал напіша | yazdı yazmış yazıyor | scris scrie |
írta írja | έγραψε γράφει | כתב כתבה כתבו | كتب كتبت | viết | menulis | rašė parašė rakstīja | escriure |
напісаў | idatzi | skrifa
"""
_WROTE_ANYWHERE = """
写道 寫道 写了 写入 のメール 書きました 님이_작성 작성 보냄 썼습니다 เขียน のメッセージ からのメール 发来
"""

# `-----Original Message-----`
_ORIGINAL = """
original reply previous quoted ursprüngliche ursprünglich vorherige antwort originale originalmeddelande
oprindelig oprindelige opprinnelig ursprungligt alkuperäinen alkuperäisen algne d'origine originel précédent
initial oorspronkelijk origineel oorspronkelijke исходное оригинальное оригинал первоначальное оригінальне вихідне
початкове оригинално оригинална изворна арыгінальнае oryginalna oryginalny oryginalnej pierwotna původní pôvodná
izvorna izvirno originalno eredeti orijinal özgün ilk αρχικό πρωτότυπο מקורית המקורית الأصلية asli originalus
pirminis oriģinālais sākotnējais upphaflegt gốc mesajul
"""
_ORIGINAL_ANYWHERE = """
原始 原邮件 原件 元の 返信元 원본 원래 ดั้งเดิม ต้นฉบับ
"""

# `---------- Forwarded message ---------`, `Begin forwarded message:`
_FORWARDED = """
forwarded forward fwd weitergeleitete weitergeleiteten weitergeleitet transféré transmis fait_suivre reenviado
reenviada reenviat inoltrato inoltrata encaminhada encaminhado doorgestuurd doorgestuurde doorgezonden
vidarebefordrat vidarebefordrade videresendt videresendte välitetty lähetetty_edelleen edastatud пересылаемое
пересланное переадресованное перенаправленное пересланного переадресованного пересылаемого переслане переслано
препратено препратеното prosleđena prosleđeno przekazana przekazane przesłana přeposlaná přeposlaný preposlaná
proslijeđena posredovano továbbított iletilen yönlendirilen iletilmiş redirecționat redirecționate προωθημένο
προωθημένου που_προωθήθηκε הועברה שהועברה المعاد_توجيهها محولة diteruskan persiųsta pārsūtīta chuyển_tiếp
áframsent
"""
_FORWARDED_ANYWHERE = """
转发 轉寄 轉發 転送 전달된 전달 ส่งต่อ
"""

# Labels of copied headers (Outlook, Yahoo, Lotus, QQ, NetEase …).
_LABELS: Mapping[str, str] = {
    "from": """
        from | von | absender | de | de_la | expéditeur | remitente | remetente | da | mittente | van | afzender |
        fra | från | avsändare | afsender | lähettäjä | keneltä | saatja | kellelt | od | nadawca | odesílatel |
        odosielateľ | pošiljatelj | pošiljatel | от | от_кого | отправитель | від | від_кого | відправник |
        подател | kimden | gönderen | feladó | expeditor | από | מאת | من | nuo | siuntėjas | no | sūtītājs |
        dari | pengirim | từ | người_gửi | จาก | frá | 发件人 | 發件人 | 寄件者 | 寄件人 | 差出人 | 送信者 |
        送信元 | 보낸사람 | 보낸_사람 | 발신 | 发自""",
    "sent": """
        sent | gesendet | envoyé | date_d'envoi | enviado | enviada_em | enviado_el | enviat_el | inviato | inviata |
        data_invio | verzonden | skickat | sendt | lähetetty | saadetud | wysłano | wysłane | odesláno |
        odoslané | poslano | отправлено | дата_отправки | надіслано | відправлено | изпратено | послато |
        gönderildi | gönderilme | gönderme_tarihi | gönderim_tarihi | elküldve | küldve | trimis | στάλθηκε |
        εστάλη | נשלח | تاريخ_الإرسال | أرسلت | مرسل | išsiųsta | nosūtīts | dikirim | đã_gửi | ngày_gửi |
        ส่งเมื่อ | ส่ง | 发送时间 | 發送時間 | 傳送時間 | 寄件日期 | 傳送日期 | 送信日時 | 보낸날짜 | 보낸_날짜 |
        보냄 | sent_at | sent_on""",
    "date": """
        date | datum | fecha | data | dato | päiväys | päivämäärä | pvm | kuupäev | dátum | дата | tarih |
        ημερομηνία | תאריך | التاريخ | tanggal | ngày | วันที่ | 日期 | 时间 | 時間 | 日時 | 日付 | 날짜 | dags |
        aika""",
    "to": """
        to | per_a | an | empfänger | à | destinataire | para | destinatario | destinatário | a | aan | til | till |
        mottagare | modtager | vastaanottaja | kenelle | saaja | adressaat | kellele | do | odbiorca | komu | příjemce |
        prejemnik | za | primatelj | кому | получатель | одержувач | до | kime | alıcı | címzett | către |
        pentru | προς | אל | إلى | kam | gavėjas | saņēmējs | kepada | đến | tới | ถึง | 收件人 | 收件者 | 宛先 |
        받는사람 | 받는_사람 | 수신""",
    "cc": """
        cc | bcc | kopie | copie | copia | cópia | kopia | kopi | kopio | koopia | копия | копія | bilgi |
        másolat | kopija | κοιν | κοινοποίηση | עותק | نسخة | tembusan | สำเนา | 抄送 | 副本 | 参照 | 참조""",
    "subject": """
        subject | betreff | objet | asunto | oggetto | assunto | onderwerp | emne | ämne | aihe | teema | temat |
        předmět | predmet | тема | относно | предмет | konu | tárgy | subiect | θέμα | נושא | הנדון | الموضوع |
        tema | temats | zadeva | naslov | subyek | subjek | perihal | chủ_đề | tiêu_đề | เรื่อง | efni | 主题 | 主題 |
        主旨 | 标题 | 件名 | 제목""",
}

# `Sent from my iPhone`; the words stand beside the name of a device or a program.
_SENT_FROM = """
sent_from sent_via sent_with sent_using sent_on sent_by sent_wirelessly envoyé envoyée enviado enviada enviat gesendet
verzonden verstuurd gestuurd inviato inviata wysłano wysłane wysłana отправлено отправлен послано надіслано
відправлено изпратено послато gönderildi gönderilmiştir iphone'umdan lähetetty skickat skickades sendt odesláno
odoslané odeslán küldve küldtem elküldve trimis poslano στάλθηκε εστάλη נשלח أرسلت أرسل مرسل saadetud išsiųsta
nosūtīts dikirim gửi written_on von_meinem diese_nachricht الإرسال powered_by composed
"""
_SENT_FROM_ANYWHERE = """
发自 發自 寄自 发送自 從我的 从我的 から送信 より送信 送信 发送 傳送 来自 보낸 보냄 에서_보냄 ส่งจาก
"""
# `Get Outlook for iOS`
_GET = """
get obtenir obtenez télécharger descargar obtener scarica ottieni obter obtenha baixar holen laden herunterladen
beziehen abrufen pobierz download downloaden ophalen hämta ladda_ned hent hanki lataa скачать скачайте загрузить
завантажити indir indirin edinin získat získajte stáhnout hankige letöltése obțineți descărcați preuzmite prenesite λήψη
"""
_GET_ANYWHERE = """
を入手 获取 取得 다운로드 ดาวน์โหลด
"""
_PROGRAMS = """
outlook bluemail typeapp yahoo spark edison
"""
_DEVICES = """
iphone ipad ipod ios apple watch icloud blackberry android samsung galaxy huawei xiaomi redmi poco honor oppo vivo
oneplus pixel motorola nokia htc sony xperia smartphone handy mobile mobil mobilgerät telefon téléphone teléfono
telefone telefono cellulare movil móvil celular portable tablet tablette phone телефона телефон смартфона смартфон
планшета мобильного mobilen telefonen puhelimesta outlook gmail yahoo protonmail proton mailbox mail mail.ru почта
почты почти mailspring spark bluemail aquamail sparrow airmail thunderbird newton edison zoho tutanota windows
roundcube web.de gmx freenet телефону телефонум telefonu telefona cihazımdan unterwegs akıllı_telefonumdan
terminal dispositivo iphone'umdan ipad'imden samsung'umdan libero orange sfr laposte tiscali virgilio verizon t-mobile
myMail mymail superhuman hey fastmail acompli boxer nine k-9
"""
_DEVICES_ANYWHERE = """
blackberry iphon ipad android 手机 手機 邮箱 郵箱 信箱 스마트폰 휴대폰 スマートフォン 携帯 apple outlook yahoo
samsung galaxy windows
"""

# `Fwd:` before a subject.
_FORWARD_PREFIXES = """
fw fwd wg tr rv enc i inoltra edasi posr doorst doorgestuurd vs vb vl pd ilt yml továbbítás tov trs předat fs πρθ הועבר
转发 轉寄 転送 전달
"""
FORWARD_PREFIXES = frozenset(fold(prefix) for prefix in _FORWARD_PREFIXES.split())


def _words(listed: str) -> list[str]:
    return [fold(word.replace("_", " ")) for word in listed.replace("|", " ").split()]


def _pattern(listed: str, anywhere: str) -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, set(_words(listed))), key=len, reverse=True))
    return re.compile(rf"(?<![^\W\d_])(?:{words})(?![^\W\d_])|" + "|".join(map(re.escape, _words(anywhere))))


WROTE = _pattern(_WROTE, _WROTE_ANYWHERE)
ORIGINAL = _pattern(_ORIGINAL, _ORIGINAL_ANYWHERE)
FORWARDED = _pattern(_FORWARDED, _FORWARDED_ANYWHERE)
SENT_FROM = _pattern(_SENT_FROM, _SENT_FROM_ANYWHERE)
GET = _pattern(_GET, _GET_ANYWHERE)
PROGRAM = _pattern(_PROGRAMS, "outlook")
DEVICE = _pattern(_DEVICES, _DEVICES_ANYWHERE)
LABELS: Mapping[str, str] = {
    fold(label.strip().replace("_", " ")): kind for kind, listed in _LABELS.items() for label in listed.split("|")
}
