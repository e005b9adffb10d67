"""A knowledge base small enough to know by heart: two guides in both languages and one English article.

Its index is searched by words alone (no language is known to its embedding model), so that it is built in a second, without the model,
and nothing in an answer depends on a vector.
"""

from pathlib import Path

from bot.settings import Settings
from bot.store import Store, open_store
from bot.testing import WordLengthEncoder
from ingest.sync import Synchronizer

SOURCES = """\
sources:
  - {path: articles/news.txt, id: news, kind: article, publisher: The Daily Example, title: Fraud in 2022,
     date: 2023-07-30, language: en, licence: quoted, url: "https://example.org/news"}
  - {path: "guides/en/*.md", kind: guide, publisher: Ringwise, language: en, licence: CC-BY-4.0}
  - {path: "guides/zh/*.md", kind: guide, publisher: Ringwise, language: zh, licence: CC-BY-4.0}
"""

BIBLIOGRAPHY = """\
mps1: {publisher: Ministry, title: On safe accounts, url: "https://example.org/mps1", date: "2024-06-06", tier: A,
       language: zh, checked_on: "2026-11-01"}
"""

NEWS = """\
Police solved 464,000 telecommunications fraud cases in 2022. The Henan reporters spent 120 days undercover in Myanmar.
In 2021, police solved 441,000 telecommunications fraud cases.
"""

POLICE_EN = """\
---
id: fake-police
title: Fake police call
scam_type: fake-police
aliases: [fake police, safe account, police impersonation]
asked_as: [a policeman rang and wants my savings moved]
regions: [ALL]
audiences: [public]
updated: 2026-11-01
---
## What it is
- In a fake police call, a stranger claims to be an officer and wants your savings. [mps1]

## How it works
1. The caller says that your name stands in a money laundering case. [mps1]
2. The caller asks you to move your savings to a safe account. [mps1]

## Warning signs
- An officer asks you to move money to a safe account. [mps1]
- An officer shows you an arrest warrant in a chat. [mps1]
- You are told to tell nobody. [mps1]

## What to do now
- Hang up. [mps1]
- Ring 96110 from another telephone. [mps1]

## If you have already paid or shared something
- Ring 110 and your bank at once. [mps1]

## How to check
- Ring the police station on a number that you looked up yourself. [mps1]

## Figures
- In 2023 the police stopped 328,000 transfers. [mps1]
"""

POLICE_ZH = """\
---
id: fake-police
title: 冒充公安诈骗
scam_type: fake-police
aliases: [冒充公安, 假警察, 安全账户]
asked_as: [自称警察的人要我转移存款]
regions: [ALL]
audiences: [public]
updated: 2026-11-01
---
## 这是什么
- 冒充公安诈骗，是指骗子自称警察，要你转走存款。 [mps1]

## 怎么骗
1. 对方说你的名字牵涉洗钱案。 [mps1]
2. 对方要你把存款转到安全账户。 [mps1]

## 危险信号
- 警察要你把钱转到安全账户。 [mps1]
- 警察在聊天里给你看逮捕令。 [mps1]
- 对方要你不告诉任何人。 [mps1]

## 现在怎么做
- 挂断电话。 [mps1]
- 换一部电话拨打96110。 [mps1]

## 已经付款或泄露信息
- 马上拨打110，并联系银行。 [mps1]

## 怎么核实
- 自己查派出所的号码，再打过去。 [mps1]

## 数据
- 2023年，公安机关拦截了32.8万笔转账。 [mps1]
"""

BRUSHING_EN = """\
---
id: order-brushing
title: Order brushing
scam_type: order-brushing
aliases: [order brushing, brushing job]
asked_as: [they pay me for liking videos]
regions: [ALL]
audiences: [public]
updated: 2026-11-01
---
## What it is
- Order brushing is a pretended job in which you pay for orders first. [mps1]

## How it works
- The first small orders are paid back, so that you trust them. [mps1]

## Warning signs
- A job asks you to pay before you earn. [mps1]

## What to do now
- Stop paying. [mps1]

## If you have already paid or shared something
- Keep the chat and ring 110. [mps1]

## How to check
- Look for the company in the public register. [mps1]

## Figures
- Brushing was the most frequent kind of fraud in 2023. [mps1]
"""

BRUSHING_ZH = """\
---
id: order-brushing
title: 刷单返利诈骗
scam_type: order-brushing
aliases: [刷单, 刷单返利]
asked_as: [点赞就能赚钱的兼职]
regions: [ALL]
audiences: [public]
updated: 2026-11-01
---
## 这是什么
- 刷单返利是假兼职，要你先垫付。 [mps1]

## 怎么骗
- 开头几笔小单会返钱，让你相信。 [mps1]

## 危险信号
- 做兼职先要交钱。 [mps1]

## 现在怎么做
- 停止付款。 [mps1]

## 已经付款或泄露信息
- 保留聊天记录，拨打110。 [mps1]

## 怎么核实
- 到公开登记系统查这家公司。 [mps1]

## 数据
- 2023年，刷单是最多的诈骗类型。 [mps1]
"""

INTENTS = """\
- {intent: smalltalk, whole: true, en: [hi, thank you], zh: [你好, 谢谢]}
- {intent: harmful, en: [write a scam], zh: [教我骗人]}
- {intent: emergency, sections: [paid, now], guides: [fake-police], en: [i just paid], zh: [我被骗]}
- {intent: figures, sections: [figures], en: [how many, how long], zh: [多少起, 多久]}
- {intent: signs, sections: [signs], en: [warning signs, signs of], zh: [危险信号]}
- {intent: what_to_do, sections: [now, paid], en: [what should i do], zh: [怎么办]}
- {intent: general, sections: [what, signs], en: [what is], zh: [什么是, 是什么]}
"""

GLOSSARY = """\
- {zh: [河南], en: [Henan]}
- {zh: [记者, 电视台], en: [reporters]}
- {zh: [卧底], en: [undercover]}
"""

# What the guides name; a number that stands nowhere here is never shown.
CONTACTS = """\
regions:
  CN: {en: Mainland China, zh: 中国大陆, said: [上海]}
contacts:
- {id: police, region: CN, kind: emergency, value: "110", label: {en: Police, zh: 报警}, hours: null, note: null, never: [], source: mps1,
   also: [], checked_on: 2026-11-23, verified_on: null, confidence: high}
- {id: antifraud, region: CN, kind: antifraud, value: "96110", label: {en: Anti-fraud line, zh: 反诈专线}, hours: null, note: null, never: [],
   source: mps1, also: [], checked_on: 2026-11-23, verified_on: null, confidence: high}
"""

FILES = {
    "contacts.yaml": CONTACTS,
    "sources.yaml": SOURCES,
    "bibliography.yaml": BIBLIOGRAPHY,
    "intents.yaml": INTENTS,
    "glossary.yaml": GLOSSARY,
    "articles/news.txt": NEWS,
    "guides/en/fake-police.md": POLICE_EN,
    "guides/zh/fake-police.md": POLICE_ZH,
    "guides/en/order-brushing.md": BRUSHING_EN,
    "guides/zh/order-brushing.md": BRUSHING_ZH,
}


def write_small_seeds(folder: Path) -> Path:
    """Write the seeds below a folder and return it."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def small_settings(folder: Path, **values: object) -> Settings:
    """Settings of a small knowledge base below a folder; its index is not yet built."""
    facts = {"embedding_languages": "", "seeds_dir": folder / "seeds", "data_dir": folder / "data", **values}
    return Settings(_env_file=None, **facts)  # type: ignore[call-arg, arg-type]


def publish(settings: Settings) -> Store:
    """Bring the index of these settings up to date with its seeds."""
    store = open_store(settings)
    synchronizer = Synchronizer(settings, store, WordLengthEncoder())
    synchronizer.apply(synchronizer.plan())
    return store


def environment(settings: Settings) -> dict[str, str]:
    """The same settings as environment variables, for a command line."""
    return {
        "RINGWISE_DATA_DIR": str(settings.data_dir),
        "RINGWISE_SEEDS_DIR": str(settings.seeds_dir),
        "RINGWISE_EMBEDDING_LANGUAGES": settings.embedding_languages,
    }
