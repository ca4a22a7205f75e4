"""Passwords that are guessed first: what leaked most often anywhere, what is at hand on a Chinese campus, and patterns.

A common word with digits or signs around it, or written with digits for letters; two common words; one character or a
short piece repeated; a walk along the keyboard; a telephone number; a date with little else.
"""

import functools
import re

_OURS = """
admin administrator root guest test testing user username login welcome hello helloworld changeme default
secret mima mimamima wodemima woaini woaiwojia woaimama woaizhongguo aini nihao zhongguo china beijing
shanghai guangzhou hefei anhui anhuisheng anhuihefei wuhu bengbu huainan maanshan huaibei tongling anqing
huangshan chuzhou fuyang suzhou liuan bozhou chizhou xuancheng gaoxiao daxue xueyuan xuexiao xiaoyuan
zhiyuan gaozhi dazhuan benke yanjiusheng daxuesheng xuesheng laoshi jiaoshi xiaozhang shuji chuzhang kezhang
zhuren yuanzhang fudaoyuan banzhuren houqin houqinchu houqinjituan houqinfuwu shitang canting yinshi
yinshizhongxin chufang chushi canyin gongyu sushe suguan wuye caigou zhaobiao toubiao weixiu shuidian
nengyuan jiankang shipin shipinanquan anquan lvse lvsecanting xuehui xiehui mishuchu zhunsheng guanliyuan
tianbaoyuan fuzeren zhuanjia pingshen pingjia pinggu biaozhun zhangwei wangwei liwei wangfang lina zhangmin
lijing wangjing liuwei wangxiuying zhangli wangli zhangjing liqiang wangqiang zhangqiang liuyang wangyang
liyang zhanglei wanglei lilei wangyan liyan zhangyan liuyan wangjun lijun zhangjun chenwei chenjing yangyang
wangjie lijie zhangjie xiaoming xiaohong xiaowang xiaoli qaz qwe qwer asd zxc zxcv iop xyz qazwsxedc
qwertyui qweasd qweasdzxc qwaszx wasd aaa abc abcd abcde abcdef abcdefg abcdefgh abcabc aabbcc pwd microsoft
google taobao alibaba tencent wechat weixin baidu huawei xiaomi apple samsung windows linux server system
manager oracle mysql database basketball michael jordan summer winter spring autumn january monday loveyou
ilove lovely
"""
"""Words that no list of the world's passwords has, and whoever knows a campus tries first; and some for pairs."""
_CAMPUS = frozenset(_OURS.split())

_PAIRED, _PLAIN = 3000, 3000
"""How many of the commonest passwords may not stand in pairs, and how many plain words not alone."""

_WALKS = tuple(
    walk
    for row in (
        "01234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
        "1q2w3e4r5t6y7u8i9o0p",
        "zaq12wsxcde34rfvbgt56yhn",
        "!@#$%^&*()",
    )
    for walk in (row, row[::-1])
)
_LETTERS = tuple(str.maketrans("034571@$!", f"oeast{one}asi") for one in "li")
"""What digits and signs stand for in the place of letters; 1 stands for two of them."""
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_PHONE = re.compile(r"^(\+?86)?1[3-9]\d{9}$")
_DATE = re.compile(r"(19|20)\d{2}[-./年]?(0?[1-9]|1[0-2])[-./月]?([0-2]?\d|3[01])日?")


@functools.cache
def _leaked() -> tuple[frozenset[str], frozenset[str]]:
    """Return some 47,000 words that leaked most often, with ours; and those that may not stand in pairs.

    The lists name each word once, in the list where it ranks highest; so names and plain English belong to them.
    """
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  a big module; signing in needs none of it

    ranked = FREQUENCY_LISTS["passwords"]
    names = [one for title in ("male_names", "female_names", "surnames") for one in FREQUENCY_LISTS[title]]
    known = {*ranked, *names, *FREQUENCY_LISTS["english_wikipedia"][:_PLAIN]}
    words = {one for one in ranked[:_PAIRED] if one.isalpha() and len(one) > 2}
    return frozenset({one for one in known if len(one) > 2} | _CAMPUS), frozenset(words | _CAMPUS)


def is_common(password: str) -> bool:
    """Whether a password is one of those that are guessed first. Capitals make no difference."""
    folded = password.casefold()
    known, words = _leaked()
    trimmed = _EDGES.sub("", folded)
    stems = {trimmed, *(_EDGES.sub("", one.translate(two)) for one in (folded, trimmed) for two in _LETTERS)}
    if folded in known or stems & known or any(_made_of(one, words) for one in stems):
        return True
    if len(set(folded)) <= 3 or any(_repeats(folded, size) for size in range(1, 6)):
        return True
    walked = re.sub(r"[^0-9a-z!@#$%^&*()]", "", folded)
    if any(_walks(walked, walk) for walk in _WALKS) or _PHONE.match(folded):
        return True
    rest = _DATE.sub("", folded, count=1)
    return rest != folded and (len(rest) <= 3 or _EDGES.sub("", rest) in known)


def _made_of(stem: str, words: frozenset[str]) -> bool:
    return any(stem[:cut] in words and stem[cut:] in words for cut in range(3, len(stem) - 2))


def _repeats(text: str, size: int) -> bool:
    return len(text) >= 2 * size and text == (text[:size] * len(text))[: len(text)]


def _walks(text: str, walk: str) -> bool:
    """Whether a text is one or two pieces of a walk along the keyboard and nothing else."""
    return bool(text) and (
        text in walk or any(text[:cut] in walk and text[cut:] in walk for cut in range(4, len(text) - 3))
    )
