"""Mask personal data in a visitor's text before it leaves this machine. Knows no provider.

By its form: numbers of seven digits or more in any writing, documents, e-mail and street addresses, secrets behind their name, and names
where someone gives their own. A name that nobody introduces cannot be told from other words, and stays. In doubt it is masked: a number
too many costs a lesson little, a number too few is gone for good.
"""

import re
from collections.abc import Callable

from bot.text import HAN, simplify

# What may stand between the digits of one number: spaces of any width, dashes, dots, brackets, and characters that nobody sees.
_GAP = r"[ \t\u00a0\u2000-\u200f\u202f\u2060\u3000\ufeff\-\u2010-\u2015\u2212－.·•()（）_*]{0,3}"
_NOT_WITHIN = r"(?<![\d.])"
_DAY = r"(?:19|20)\d\d(?P<between>[-./])(?:0?[1-9]|1[0-2])(?P=between)(?:0?[1-9]|[12]\d|3[01])(?![\d-])"
_YEARS = rf"(?:19|20)\d\d\s?[-–—]\s?(?:19|20)\d\d(?!{_GAP}\d)"
_GROUPED = r"\d{1,3}(?:[,，]\d{3}){1,3}(?:\.\d{1,2})?(?![\d,，]*\d)"
_DECIMAL = r"\d{1,6}\.\d{1,2}(?![\d.-])"
# Read from the left: a date, a span of years or an amount of money stays; any other run of seven digits or more goes.
_NUMBER = re.compile(
    rf"(?P<stays>{_NOT_WITHIN}(?:{_DAY}|{_YEARS}|{_GROUPED}|{_DECIMAL}))|(?:[+＋]{_GAP})?[(（]?\d(?:{_GAP}\d){{6,}}(?:{_GAP}[xX](?![A-Za-z\d]))?"
)
_SPELLED = re.compile(
    r"[零〇○一二三四五六七八九幺两兩]{7,}"
    r"|\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)\b[\s,-]*){7,}",
    re.IGNORECASE,
)
# Letters with digits: passports (E12345678), British national insurance (QQ 12 34 56 C), Hong Kong (A123456(7)) and Singapore
# (S1234567D) identity, international bank accounts, British sort codes.
_DOCUMENT = re.compile(
    rf"(?<![A-Za-z\d])(?:[A-Za-z]{{2}}\d{{2}}(?:{_GAP}[A-Za-z\d]{{4}}){{3,7}}(?:{_GAP}[A-Za-z\d]{{1,3}})?"
    rf"|[A-Za-z]{{2}}{_GAP}\d\d{_GAP}\d\d{_GAP}\d\d{_GAP}[A-Da-d]"
    rf"|[A-Z]{{1,2}}{_GAP}\d{{6}}{_GAP}[\dA]{_GAP}"
    r"|[A-Za-z]{1,3}\d{7,}[A-Za-z]?"
    r"|\d\d-\d\d-\d\d)(?![A-Za-z\d])"
)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+[@＠][A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_SECRET = re.compile(
    r"(?P<name>\b(?:code|otp|pin|password|passcode)(?:\s+(?:is|was))?|验证码|驗證碼|密码|密碼|口令)"
    r"(?P<link>\s*[:：=]\s*|\s+|是|为|為|:)(?=[A-Za-z]*\d)[A-Za-z0-9]{4,}",
    re.IGNORECASE,
)
_ADDRESS_EN = re.compile(
    r"\b(?:(?i:flat|apt\.?|apartment|unit)\s+\w+,?\s+)?\d{1,5}[A-Za-z]?,?\s+(?:[A-Z][\w'’-]*\s+){1,4}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Way|Boulevard|Blvd|Place|Crescent|Terrace|Gardens)\b\.?"
)
_POSTCODE_GB = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b")
_ROOM = r"(?:号楼|號樓|栋|棟|幢|座|单元|單元|楼|樓|层|層|室|户)"
_HOUSE = rf"\s?[\d零一二三四五六七八九十百]+\s?(?:号|號|弄)(?:[\d{HAN}A-Za-z-]{{0,6}}?{_ROOM})*"
_ADDRESS_ZH = re.compile(rf"[{HAN}]{{1,18}}(?:路|街|道|巷|弄|胡同|村|里|小区|小區){_HOUSE}(?:\d{{1,5}}室?)?")

# Names. In English whatever follows "my name is" unless the sentence goes on ("my name is on a warrant").
_NAME_WORD = r"(?:[A-Z]\.|[A-Z][\w'’-]*|(?!(?:and|but|from|i|who|my|so|they|he|she|the|with|because|what|how)\b)[a-z][\w'’-]*)"
_NOT_A_NAME = (
    r"(?!(?:in|on|not|being|used|linked|involved|the|a|an|at|connected|mentioned|associated|under|listed|registered|wrong|known|there)\b)"
)
_NAME_EN = re.compile(
    r"(?P<opening>\b(?i:my (?:full |real |first |last )?name(?:['’]s| is)|i(?:['’]m| am) called|they call me|name\s*[:：])\s+)"
    rf"(?:{_NOT_A_NAME}{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,2}}|[{HAN}·]{{2,8}})"
)
_SPEAKING_EN = re.compile(r"(?P<opening>\b(?i:this is)\s+)(?:[\w'’.-]+\s+){1,4}?(?=(?i:speaking|here|calling)\b)")
_I_AM_EN = re.compile(r"(?P<opening>\b(?i:i am|i['’]m)\s+)[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)+")
_SIGNED_EN = re.compile(r"(?P<opening>\b(?i:mr|mrs|ms|miss|dr)\.?\s+)[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)?")
_NO_NAME_ZH = r"(?![他她它你您我妈爸媽了不人大朋警银銀这這那她])"
_NAME_ZH = re.compile(
    rf"(?P<opening>(?:(?:我|本人)的?(?:姓名|名字|名)|姓名)(?:[是叫为為]|\s*[:：])\s*|本人姓名|(?:我|我名|本人|在下|我係)叫(?:做|作)?\s*)"
    rf"{_NO_NAME_ZH}(?:[{HAN}]+(?:·[{HAN}]+)+|[{HAN}]{{2,4}}|[A-Za-z]+(?:\s[A-Z][a-z]+)*)"
)
_SURNAME_ZH = re.compile(rf"(?P<opening>我姓|免贵姓|免貴姓)(?!名)(?:[{HAN}](?=[，。,.!！?？、\s]|$)|[{HAN}]{{1,2}}名?叫?)")
_I_AM_ZH = re.compile(rf"(?P<opening>我(?:是|係)|这里是|這裡是)(?P<name>[{HAN}]{{2,4}})(?=[，。,.!！?？、；;\s]|$)")
# The hundred commonest surnames, and those of two characters: after "我是" only these begin a name.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟"
)
_TWO_CHARACTER_SURNAMES = frozenset({"欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "司徒", "南宫", "夏侯"})
_BEGIN_LIKE_A_SURNAME = (
    "高中", "高三", "高二", "高一", "高校", "白领", "武警", "程序", "江苏", "马来", "金领", "任课", "安全", "文员", "施工", "万分", "向来",
    "方便", "温州", "石家", "安徽", "江西", "康复", "章鱼", "易受", "严重", "余额",
)  # fmt: skip


def mask_personal_data(text: str) -> str:
    """`mask_personal_data("my name is Li Wei, card 6222 0212 3456") == "my name is [name], card [number]"`."""
    text = _EMAIL.sub("[e-mail]", text)
    text = _SECRET.sub(r"\g<name>\g<link>[secret]", text)
    for pattern in (_ADDRESS_EN, _POSTCODE_GB, _ADDRESS_ZH):
        text = pattern.sub("[address]", text)
    text = _DOCUMENT.sub("[number]", text)
    text = _NUMBER.sub(_unless("stays", "[number]"), text)
    text = _SPELLED.sub("[number]", text)
    for pattern in (_NAME_EN, _I_AM_EN, _SIGNED_EN, _NAME_ZH, _SURNAME_ZH):
        text = pattern.sub(r"\g<opening>[name]", text)
    text = _SPEAKING_EN.sub(r"\g<opening>[name] ", text)
    return _I_AM_ZH.sub(_masked_surname, text)


def _unless(group: str, mask: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match[0] if match[group] else mask


def _masked_surname(match: re.Match[str]) -> str:
    name = simplify(match["name"])
    is_name = name[:2] in _TWO_CHARACTER_SURNAMES or (name[0] in _SURNAMES and len(name) <= 3)
    if not is_name or name.startswith(_BEGIN_LIKE_A_SURNAME):
        return match[0]
    return f"{match['opening']}[name]"
