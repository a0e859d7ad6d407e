"""Every kind of address, with the registrable domain or the bucket that the URL Standard and the list give it."""

import pytest

from kaiji.scan import domains

ADDRESSES = [
    # plain
    ("https://blog.maker.example/2024/post", "maker.example"),
    ("http://maker.example/", "maker.example"),
    ("https://maker.example", "maker.example"),
    ("http://maker.example?q", "maker.example"),
    ("http://maker.example#top", "maker.example"),
    ("Http://Shop.Maker.Example/A", "maker.example"),
    ("https://a_b.maker.example/x", "maker.example"),
    ("https://-x-.maker.example/x", "maker.example"),
    ("https://maker.example:444/x", "maker.example"),
    ("https://maker.example:/x", "maker.example"),
    ("https://maker.example:00080/x", "maker.example"),
    ("https://maker.example:65535/x", "maker.example"),
    ("https://maker.example:65536/x", "(invalid)"),
    ("https://maker.example:9a/x", "(invalid)"),
    ("ftp://files.maker.example/pub", "maker.example"),
    ("wss://live.maker.example/socket", "maker.example"),
    ("ws://live.maker.example", "maker.example"),
    ("file://nas.maker.example/share", "maker.example"),
    # user information and look-alikes
    ("https://me:secret@maker.example/x", "maker.example"),
    ("https://maker.example@other.example/x", "other.example"),
    ("https://maker.example\\@other.example/x", "maker.example"),
    ("https://maker.example/@other.example/x", "maker.example"),
    ("https://us er@maker.example/x", "maker.example"),
    # slashes that are missing, doubled or backwards
    ("https:maker.example/x", "maker.example"),
    ("https:/maker.example/x", "maker.example"),
    ("https:///maker.example/x", "maker.example"),
    ("https://///maker.example/x", "maker.example"),
    ("https:\\\\maker.example\\x", "maker.example"),
    ("https://\\maker.example/x", "maker.example"),
    ("https://\\/maker.example/x", "maker.example"),
    # white space and control characters
    ("\t\n https://maker.example/x \r\n", "maker.example"),
    ("\x01https://maker.example/x", "maker.example"),
    ("https://maker.example   ", "maker.example"),
    ("https://maker.example /x", "(invalid)"),
    ("https://mak\ter.exam\nple/x", "maker.example"),
    ("ht\ntps://maker.example/x", "maker.example"),
    ("https://\t/maker.example/x", "maker.example"),
    ("https:/\t/maker.example/x", "maker.example"),
    ("https://\x01maker.example/x", "(invalid)"),
    ("https://mak er.example/x", "(invalid)"),
    ("https://mak\x00er.example/x", "(invalid)"),
    ("https://mak<er.example/x", "(invalid)"),
    # dots
    ("https://maker.example./x", "maker.example"),
    ("https://maker.example../x", "(empty-label)"),
    ("https://.maker.example/x", "(empty-label)"),
    ("https://a..maker.example/x", "(empty-label)"),
    ("https://./x", "(empty-label)"),
    # suffix rules: ICANN, wildcard, exception, private, none
    ("https://news.maker.co.jp/x", "maker.co.jp"),
    ("https://co.jp/x", "(suffix)"),
    ("https://jp/x", "(suffix)"),
    ("https://a.b.c.kobe.jp/x", "b.c.kobe.jp"),
    ("https://c.kobe.jp/x", "(suffix)"),
    ("https://kobe.jp/x", "kobe.jp"),
    ("https://www.city.kobe.jp/x", "city.kobe.jp"),
    ("https://city.kobe.jp/x", "city.kobe.jp"),
    ("https://ck/x", "(suffix)"),
    ("https://www.ck/x", "www.ck"),
    ("https://a.www.ck/x", "www.ck"),
    ("https://a.b.other.ck/x", "b.other.ck"),
    ("https://someone.github.io/x", "someone.github.io"),
    ("https://deep.someone.github.io/x", "someone.github.io"),
    ("https://github.io/x", "(suffix)"),
    ("https://x.notatld/x", "x.notatld"),
    ("http://intranet/x", "(suffix)"),
    ("http://intranet:8080/x", "(suffix)"),
    ("http://(none)/x", "(suffix)"),
    ("http://x.(ip)/x", "x.(ip)"),
    # international names, in every spelling
    ("https://例え.jp/x", "xn--r8jz45g.jp"),
    ("https://xn--r8jz45g.jp/x", "xn--r8jz45g.jp"),
    ("https://XN--R8JZ45G.JP/x", "xn--r8jz45g.jp"),
    ("https://例え。jp/x", "xn--r8jz45g.jp"),
    ("https://www.ｍａｋｅｒ．example/x", "maker.example"),
    ("https://ma\u00adker.example/x", "maker.example"),
    ("https://cafe\u0301.example/x", "xn--caf-dma.example"),
    ("https://%6Daker.example/x", "maker.example"),
    ("https://maker%2Eexample/x", "maker.example"),
    ("https://maker%2Fexample/x", "(invalid)"),
    ("https://xn--99999999999.example/x", "(invalid)"),
    ("https://xn--a.example/x", "(invalid)"),
    ("https://a.xn--p1ai/x", "a.xn--p1ai"),
    # addresses of the network layer
    ("http://198.51.100.4/x", "(ip)"),
    ("http://198.51.100.4:8080/x", "(ip)"),
    ("http://198.51.100.4./x", "(ip)"),
    ("http://0xc6.0x33.0x64.4/x", "(ip)"),
    ("http://3325256708/x", "(ip)"),
    ("http://198.51.25604/x", "(ip)"),
    ("http://0x/x", "(ip)"),
    ("http://198.51.100.256/x", "(invalid)"),
    ("http://maker.9/x", "(invalid)"),
    ("http://maker.0x/x", "(invalid)"),
    ("http://1.2.3.4.5/x", "(invalid)"),
    ("http://[2001:db8::7]/x", "(ip)"),
    ("http://[2001:db8::7]:80/x", "(ip)"),
    ("http://[2001:db8::7/x", "(invalid)"),
    ("http://2001:db8::7/x", "(invalid)"),
    ("http://198.51.100.4.example/x", "4.example"),
    # no host, another kind of host, no address
    ("file:///home/x", "(no-host)"),
    ("file://C:/x", "(no-host)"),
    ("mailto:someone@maker.example", "(no-host)"),
    ("data:text/plain;base64,aGk=", "(no-host)"),
    ("maker.example:80/x", "(no-host)"),
    ("urn:isbn:0451450523", "(no-host)"),
    ("gs://A-Bucket/x", "(opaque)"),
    ("S3://A-Bucket", "(opaque)"),
    ("gs://198.51.100.4/x", "(opaque)"),
    ("gs://[2001:db8::7]/x", "(ip)"),
    ("gs://buck\\et/x", "(invalid)"),
    ("gs:///x", "(no-host)"),
    ("maker.example/x", "(invalid)"),
    ("//maker.example/x", "(invalid)"),
    ("http://", "(invalid)"),
    ("http:///", "(invalid)"),
    ("https://:443/x", "(invalid)"),
    ("https://@/x", "(invalid)"),
    ("plain words", "(invalid)"),
    ("例え", "(invalid)"),
    ("   ", "(invalid)"),
    ("\t\n", "(invalid)"),
    ("", "(invalid)"),
    (None, "(none)"),
]


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_every_kind_of_address_gets_its_domain(release, form):
    """The tokens of each address are a bit of their own, so that the sums tell which addresses a domain has."""
    wrong = []
    for start in range(0, len(ADDRESSES), 60):
        some = ADDRESSES[start : start + 60]
        for bit, (url, _) in enumerate(some):
            if form == "parquet":
                release.parquet(f"{start}-{bit}.parquet", url=[url], n=[2**bit])
            else:
                release.jsonl(f"{start}-{bit}.jsonl", [{"url": url, "n": 2**bit}])
        result = release.scan(release.source(f"{start}-*", url="url", tokens="n"))
        found = {bit: row["domain"] for row in release.domains() for bit in range(60) if row["tokens"] >> bit & 1}
        assert sum(row["documents"] for row in release.domains()) == len(found) == len(some)
        wrong += [(url, found[bit], expected) for bit, (url, expected) in enumerate(some) if found[bit] != expected]
    assert wrong == []
    assert result.psl_date >= "2026-10-01"
    assert result.psl_version.startswith("1.")


def test_an_address_that_is_plain_to_sql_reads_the_same_to_the_parser():
    """The parser alone agrees with the table wherever no suffix rule is needed."""
    for url, expected in ADDRESSES:
        if url and expected.startswith("(") and expected not in ("(suffix)", "(none)"):
            assert domains.host_of(url) == (None, expected), url


def test_one_domain_in_many_spellings_is_one_row(release):
    spellings = ["https://例え.jp/", "https://XN--r8jz45g.JP:443", "http://a.xn--r8jz45g.jp./b", "https://u@例え。jp?q"]
    release.parquet("a.parquet", url=spellings, n=[1, 2, 3, 4])
    release.scan(release.source("a.parquet", url="url", tokens="n"))
    assert release.domains() == [
        {"domain": "xn--r8jz45g.jp", "modality": "text", "documents": 4, "bytes": None, "tokens": 10}
    ]


def test_rules_keep_normal_wildcard_and_exception_apart():
    lines = ["// a comment", "", "jp", "*.kobe.jp", "!city.kobe.jp  trailing words", "みんな", "kobe.jp"]
    assert domains.rules(lines) == (
        domains.Rule("city.kobe.jp", False, False, True, longer=False),
        domains.Rule("jp", True, False, False, longer=True),
        domains.Rule("kobe.jp", True, True, False, longer=True),
        domains.Rule("xn--q9jyb4c", True, False, False, longer=False),
    )


def test_a_name_that_only_ends_longer_rules_is_listed_without_a_rule_of_its_own():
    """The join looks at three labels only where a rule of two says that there are longer ones."""
    assert domains.rules(["s3.dualstack.us.aws.example"]) == (
        domains.Rule("aws.example", False, False, False, longer=True),
        domains.Rule("dualstack.us.aws.example", False, False, False, longer=True),
        domains.Rule("example", False, False, False, longer=True),
        domains.Rule("s3.dualstack.us.aws.example", True, False, False, longer=False),
        domains.Rule("us.aws.example", False, False, False, longer=True),
    )


def test_a_rule_of_five_labels_is_found_through_names_without_a_rule(release, monkeypatch):
    listed = domains.SuffixList(domains.rules(["example", "s3.dualstack.us.aws.example"]), "1", "2026-01-01")
    monkeypatch.setattr(domains, "suffix_list", lambda: listed)
    hosts = ["a.b.s3.dualstack.us.aws.example", "s3.dualstack.us.aws.example", "x.dualstack.us.aws.example"]
    release.parquet("a.parquet", url=[f"http://{host}/" for host in hosts])
    release.scan(release.source("a.parquet", url="url"))
    assert [row["domain"] for row in release.domains()] == [
        "(suffix)",
        "aws.example",
        "b.s3.dualstack.us.aws.example",
    ]


def test_the_list_has_its_private_section():
    listed = {rule.suffix for rule in domains.suffix_list().rules}
    assert {"github.io", "co.jp", "xn--q9jyb4c"} <= listed
