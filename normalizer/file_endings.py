"""The ending of a file name, by media type: for what comes without a name.

The system's own tables differ from machine to machine, and `.bin` is opened by no program.
"""

# The ending, then the types that it stands for; those of `application/` without it, and all without `x-`.
_ENDINGS = """
3g2 video/3gpp2
3gp video/3gpp audio/3gpp
7z 7z-compressed
aif audio/aiff
apk vnd.android.package-archive
asc pgp-encrypted pgp-keys pgp-signature
asf video/ms-asf
avi video/msvideo
awb audio/amr-wb
bz2 bzip2 bzip
csv text/comma-separated-values csv
dat ms-tnef vnd.ms-tnef
dmg apple-diskimage
dng image/adobe-dng
doc msword vnd.ms-word
docm vnd.ms-word.document.macroenabled.12
docx vnd.openxmlformats-officedocument.wordprocessingml.document
dwg image/vnd.dwg acad dwg
dxf image/vnd.dxf dxf
eml message/rfc822 message/global
eps image/eps eps
epub epub+zip
gpx gpx+xml
gz gzip
html text/html xhtml+xml
ico image/vnd.microsoft.icon image/icon
ics text/calendar text/vcalendar ics
jar java-archive
jpg image/jpeg image/pjpeg
js text/javascript javascript
json json
key vnd.apple.keynote iwork-keynote-sffkey
kml vnd.google-earth.kml+xml
kmz vnd.google-earth.kmz
m4a audio/mp4
md text/markdown
mid audio/midi
mkv video/matroska
mov video/quicktime
mp3 audio/mpeg
mpg video/mpeg
mpp vnd.ms-project
msg vnd.ms-outlook
numbers vnd.apple.numbers iwork-numbers-sffnumbers
odg vnd.oasis.opendocument.graphics
odp vnd.oasis.opendocument.presentation
ods vnd.oasis.opendocument.spreadsheet
odt vnd.oasis.opendocument.text
ogg ogg audio/vorbis
oxps oxps
p12 pkcs12
p7m pkcs7-mime
p7s pkcs7-signature
pages vnd.apple.pages iwork-pages-sffpages
pdf pdf acrobat
ppt vnd.ms-powerpoint mspowerpoint powerpoint
pptm vnd.ms-powerpoint.presentation.macroenabled.12
pptx vnd.openxmlformats-officedocument.presentationml.presentation
ps postscript
psd image/vnd.adobe.photoshop image/photoshop photoshop
pub vnd.ms-publisher mspublisher
py text/python
rar vnd.rar rar-compressed rar
rtf rtf text/richtext
sh sh
sql sql
svg image/svg+xml
tar tar
tif image/tiff
tsv text/tab-separated-values
txt text/plain text/rfc822-headers message/delivery-status message/disposition-notification
vcf text/vcard text/directory
vsd vnd.visio
vsdx vnd.ms-visio.drawing
wav audio/vnd.wave audio/pn-wav
wma audio/ms-wma
wmv video/ms-wmv
xls vnd.ms-excel msexcel excel
xlsb vnd.ms-excel.sheet.binary.macroenabled.12
xlsm vnd.ms-excel.sheet.macroenabled.12
xlsx vnd.openxmlformats-officedocument.spreadsheetml.sheet
xml xml
xps vnd.ms-xpsdocument
yaml yaml
zip zip zip-compressed
bmp image/ms-bmp image/windows-bmp
"""
_SPEAKING = frozenset({"image", "audio", "video", "text"})
_BY_TYPE = {
    kind if "/" in kind else f"application/{kind}": end
    for end, *kinds in map(str.split, _ENDINGS.strip().splitlines())
    for kind in kinds
}


def ending(media_type: str) -> str:
    """Without the dot. Short names of pictures and sounds are their own endings: `png`, `amr`."""
    main, _, sub = media_type.partition("/")
    plain = sub.removeprefix("x-")
    if known := _BY_TYPE.get(f"{main}/{plain}"):
        return known
    return plain if main in _SPEAKING and plain.isascii() and plain.isalnum() and len(plain) <= 5 else "bin"
