"""Addresses of the benchmark corpus: host names made from numbers, and URLs around them, a whole block at a time.

Nothing here names a real site on purpose: labels are six letters and an ending, taken from a number, so that a name
needs no table and two numbers never share one.
"""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CONSONANTS = np.frombuffer(b"bcdfghjklmnpqrstvwxz", np.uint8)
VOWELS = np.frombuffer(b"aeiou", np.uint8)
STEMS = len(CONSONANTS) ** 3 * len(VOWELS) ** 3
"""Six letters, consonant and vowel in turn: one million."""
ENDINGS = (
    "", "hub", "lab", "press", "shop", "works", "24", "365", "-online", "-news", "net", "web", "wiki", "blog", "studio",
    "group", "media", "data", "box", "line", "soft", "tech", "point", "zone", "land", "city", "home", "play", "travel",
    "books", "music", "photo", "food", "art", "garden", "school", "clinic", "bank", "forum", "market",
)  # fmt: skip
DOMAINS_AT_MOST = STEMS * len(ENDINGS)
_STRIDE = 24_691_357
"""Coprime to :data:`DOMAINS_AT_MOST` (it ends in 7): neighbouring numbers get unlike names."""

# Suffix and weight: common ones, and one of each kind of rule of the Public Suffix List.
SUFFIXES = (
    ("com", 45.0), ("org", 7.0), ("net", 5.5), ("de", 5.0), ("jp", 3.0), ("co.jp", 3.0), ("co.uk", 3.0), ("ru", 3.0),
    ("fr", 2.5), ("nl", 2.0), ("it", 2.0), ("pl", 2.0), ("com.br", 2.0), ("com.au", 1.5), ("cz", 1.0), ("ca", 1.0),
    ("io", 1.0), ("info", 1.0), ("eu", 1.0), ("edu", 0.5), ("ne.jp", 0.5), ("ac.uk", 0.5), ("gov", 0.1),
    ("github.io", 1.5), ("blogspot.com", 1.5), ("pages.dev", 0.5), ("hatenablog.com", 0.5),  # private section
    ("kawasaki.jp", 0.05), ("city.kawasaki.jp", 0.05), ("bd", 0.1), ("com.bd", 0.1),  # wildcards, an exception
    ("chiyoda.tokyo.jp", 0.1), ("k12.ca.us", 0.1), ("s3.amazonaws.com", 0.1),  # three and more labels
    ("рф", 0.4), ("xn--p1ai", 0.4), ("中国", 0.2), ("みんな", 0.1),  # IDN, two spellings of one
    ("local", 0.05), ("nosuchtld", 0.05),  # in no list
)  # fmt: skip
SUBDOMAINS = (
    "blog", "m", "shop", "news", "forum", "docs", "en", "static", "img", "old", "api", "dev", "mail", "support", "wiki",
    "cdn-2", "a.b", "x.y.z", "de", "my_page",
)  # fmt: skip
IDN_BEGINNINGS = ("mü", "né", "señ", "東京", "カフェ", "мир", "데이터")
IDN_SHARE = 0.008

WORDS = ("about", "archive", "article", "city", "color", "day", "event", "garden", "guide", "house", "item", "light",
         "list", "map", "note", "page", "paper", "photo", "place", "river", "sound", "story", "street", "table",
         "topic", "tree", "view", "water", "week", "world", "year", "zebra")  # fmt: skip
SCHEMES = (("https://", 0.78), ("http://", 0.219), ("https://reader:s%3Acret@", 0.001))
AFTER_HOST = (("", 0.993), (":8080", 0.004), (":443", 0.002), (".", 0.001))
PAGE_ENDINGS = (("", 0.35), (".html", 0.3), ("/", 0.15), ("?id=7&ref=top", 0.08), ("?utm_source=feed", 0.06),
                ("#part-2", 0.04), ("?to=a@b.example/x", 0.02))  # fmt: skip
UPPER_SHARE, ADDRESS_SHARE, ODD_SHARE, NULL_SHARE = 0.004, 0.001, 0.003, 0.0005

# What crawls hold besides plain addresses. How each is counted is said in tests/unit/benchmarks/test_second_opinion.py.
ODD_URLS = (
    "", " ", "no address at all", "www.nowhere.example/without-scheme", "//cdn.somewhere.example/x.js",
    "mailto:someone@mail.example", "javascript:history.back()", "data:text/plain,http://a.example/", "about:blank",
    "file:///home/me/a.txt", "file://server.example/share", "s3://Some-Bucket/key", "foo://[::1]/x",
    "ftp://files.somewhere.example/pub/", "wss://live.somewhere.example/feed",
    "http://", "http:///three-slashes", "https:/one.slash.example/", "https:no.slash.example/a",
    "http:\\\\back.slash.example\\a", "http://good.example\\@bad.example/", "http://a@b@two.ats.example/",
    "http://localhost/", "http://intranet:8080/start", "http://com/", "http://co.jp/", "http://github.io/x",
    "http://kawasaki.jp/", "http://some.kawasaki.jp/", "http://www.ck/", "http://shop.www.ck/", "http://some.ck/",
    "http://city.kawasaki.jp./", "http://www.dotted.example./a", "http://two.dots.example../", "http://.lead.example/",
    "http://a..b.example/", "http://./", "http://-dash-.example.org/", "http://under_score.example.org/",
    "http://192.0.2.33/", "http://0xc0.0.0x2.041/", "http://3221226017/", "http://192.0.2.999/", "http://1.2.3.4.5/",
    "http://name.9/", "https://[2001:DB8::1]:8443/x", "http://[2001:db8::zz]/", "http://2001:db8::1/",
    "http://port.example:99999/", "http://port.example:00080/", "http://port.example:8a/", "http://port.example:/x",
    "http://spa ce.example/", "http://tab\tbed.example/a", "http://line\nfeed.example/", " http://outer.example/ ",
    "http://query.example?x=http://other.example/", "http://hash.example#a@b", "HTTP://SHOUT.EXAMPLE.ORG/A",
    "http://%65ncoded.example/", "http://en%2Ecoded.example/", "http://en%2Fcoded.example/", "http://b%C3%BCro.example/",
    "http://BÜRO.example/", "http://xn--bro-hoa.example/", "http://full．width。example/", "http://straße.example/",
    "http://soft\u00adhyphen.example/", "http://例え.テスト/パス", "https://שלום.example/", "http://a<b.example/",
    'http://quo"ted.example/', "http://xn--a.example/",
)  # fmt: skip


def strings(values: "tuple[str, ...] | list[str] | np.ndarray") -> pa.Array:
    """``values`` as an Arrow array of strings."""
    return pa.array(values, pa.string())


def choice(rng: np.random.Generator, table: tuple[tuple[str, float], ...], rows: int) -> pa.Array:
    """``rows`` strings of ``table`` (string and weight), at random."""
    weights = np.array([weight for _, weight in table])
    picked = rng.choice(len(table), rows, p=weights / weights.sum()).astype(np.int32)
    return strings([text for text, _ in table]).take(pa.array(picked))


def mixed(numbers: np.ndarray, salt: int) -> np.ndarray:
    """A 64-bit hash of each number (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        value = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15) * np.uint64(salt + 1)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))


def share(numbers: np.ndarray, salt: int) -> np.ndarray:
    """The hash of each number as a fraction of one."""
    return mixed(numbers, salt) / 2.0**64


def labels(domains: np.ndarray) -> pa.Array:
    """A label for each number below :data:`DOMAINS_AT_MOST`; no two numbers share one."""
    number = domains.astype(np.int64) * _STRIDE % DOMAINS_AT_MOST
    rest, stem = np.divmod(number, STEMS)
    letters = np.empty((len(number), 6), np.uint8)
    for place in range(6):
        alphabet = VOWELS if place % 2 else CONSONANTS
        stem, letter = np.divmod(stem, len(alphabet))
        letters[:, place] = alphabet[letter]
    offsets = np.arange(len(number) + 1, dtype=np.int32) * 6
    stems = pa.StringArray.from_buffers(len(number), pa.py_buffer(offsets), pa.py_buffer(letters))
    return pc.binary_join_element_wise(stems, strings(ENDINGS).take(pa.array(rest)), "")


def hosts(numbers: np.ndarray, *, idn: bool = True) -> tuple[pa.Array, np.ndarray]:
    """Host names in lower case and Unicode spelling, and where they are not ASCII.

    Hosts ``2k`` and ``2k + 1`` belong to domain ``k``. Different numbers have different names. Without ``idn``
    all names are ASCII.
    """
    domains = numbers >> 1
    weights = np.cumsum([weight for _, weight in SUFFIXES])
    suffix = np.searchsorted(weights / weights[-1], share(domains, 1), side="right").clip(max=len(SUFFIXES) - 1)
    names = [name if idn else to_ascii(name) for name, _ in SUFFIXES]
    beginnings = ("", *IDN_BEGINNINGS)
    kind = share(domains, 2)
    beginning = np.where(kind < IDN_SHARE, 1 + (kind / IDN_SHARE * len(IDN_BEGINNINGS)).astype(np.int64), 0)
    beginning = beginning.clip(max=len(IDN_BEGINNINGS)) if idn else np.zeros_like(beginning)
    second = 2 + mixed(numbers, 3) % np.uint64(len(SUBDOMAINS))
    first = share(domains, 4) < 0.6
    before = np.where(numbers & 1, second.astype(np.int64), first)
    prefixes = strings(["", "www.", *(f"{name}." for name in SUBDOMAINS)])
    label = pc.binary_join_element_wise(strings(beginnings).take(pa.array(beginning)), labels(domains), "")
    name = pc.binary_join_element_wise(label, strings(names).take(pa.array(suffix)), ".")
    host = pc.binary_join_element_wise(prefixes.take(pa.array(before)), name, "")
    foreign = np.array([not one.isascii() for one in names])
    return host, (beginning > 0) | foreign[suffix]


def to_ascii(host: str) -> str:
    """``host`` in punycode. Its labels are lower case and normalised: this is no general IDNA encoder."""
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in host.split(".")
    )


@cache
def _paths() -> pa.Array:
    rng = np.random.default_rng(0)
    words = np.array(WORDS)[rng.integers(0, len(WORDS), (1 << 14, 4))]
    return strings([f"/{a}/{b}-{c}-{d}-" for a, b, c, d in words])


@cache
def _addresses() -> pa.Array:
    """Literal addresses out of the ranges for documentation."""
    four = [f"{net}.{last}" for net in ("192.0.2", "198.51.100", "203.0.113") for last in range(256)]
    return strings([*four, *(f"[2001:db8::{last:x}]" for last in range(256))])


def _replaced(values: pa.Array, where: np.ndarray, others: pa.Array) -> pa.Array:
    return pc.replace_with_mask(values, pa.array(where), others)


def plain_urls(rng: np.random.Generator, host: pa.Array) -> pa.Array:
    """``https://`` addresses of pages on ``host``, one each."""
    rows = len(host)
    path = _paths().take(pa.array(rng.integers(0, len(_paths()), rows, np.int32)))
    page = pc.cast(pa.array(rng.integers(1, 99_999_999, rows)), pa.string())
    return pc.binary_join_element_wise("https://", host, path, page, choice(rng, PAGE_ENDINGS, rows), "")


def crawled_urls(rng: np.random.Generator, numbers: np.ndarray) -> pa.Array:
    """Addresses on the hosts ``numbers`` as crawls hold them: see the tables above for what occurs how often."""
    rows = len(numbers)
    host, foreign = hosts(numbers)
    punycode = foreign & (rng.random(rows) < 0.5)
    host = _replaced(host, punycode, strings([to_ascii(name) for name in host.filter(pa.array(punycode)).to_pylist()]))
    upper = rng.random(rows) < UPPER_SHARE
    host = _replaced(host, upper, pc.utf8_upper(host.filter(pa.array(upper))))
    literal = rng.random(rows) < ADDRESS_SHARE
    picked = rng.integers(0, len(_addresses()), int(literal.sum()))
    host = _replaced(host, literal, _addresses().take(pa.array(picked)))
    path = _paths().take(pa.array(rng.integers(0, len(_paths()), rows, np.int32)))
    page = pc.cast(pa.array(rng.integers(1, 99_999_999, rows)), pa.string())
    url = pc.binary_join_element_wise(
        choice(rng, SCHEMES, rows), host, choice(rng, AFTER_HOST, rows), path, page, choice(rng, PAGE_ENDINGS, rows), ""
    )
    odd = rng.random(rows) < ODD_SHARE
    url = _replaced(url, odd, strings(ODD_URLS).take(pa.array(rng.integers(0, len(ODD_URLS), int(odd.sum())))))
    return pc.if_else(pa.array(rng.random(rows) < NULL_SHARE), pa.scalar(None, pa.string()), url)
