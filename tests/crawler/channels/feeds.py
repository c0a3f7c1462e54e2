"""Feeds of our own in every version, with the features that the specifications allow: two items each, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

NEW, OLD = "The tide mill turns again", "A bench for the harbour wall"
BASE = "https://tide.example/"

RSS_ITEM = "<item><title>{title}</title><link>{link}</link>{more}</item>"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)
Make = Callable[[str, str], str]


def rss(version: str = "2.0", *, new: str = "", old: str = "", channel: str = "", title: str = NEW) -> str:
    """Return an RSS feed; ``new`` and ``old`` go into the items, ``channel`` into the channel."""
    items = RSS_ITEM.format(title=title, link=f"{BASE}mill", more=new)
    items += RSS_ITEM.format(title=OLD, link=f"{BASE}bench", more=old)
    head = f"<title>Tide</title><link>{BASE}</link><description>News</description>{channel}"
    return (
        f'<?xml version="1.0"?><rss version="{version}" {NAMESPACES}><channel>{head}{items}</channel></rss>'
    )


def rdf(namespace: str = "http://purl.org/rss/1.0/", *, new: str = "") -> str:
    """Return an RDF feed (RSS 0.90 or 1.0), whose items stand beside the channel."""
    rdf_namespace = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    items = "".join(
        f'<item rdf:about="{BASE}{slug}"><title>{title}</title><link>{BASE}{slug}</link>{more}</item>'
        for slug, title, more in (("mill", NEW, new), ("bench", OLD, ""))
    )
    return (
        f'<rdf:RDF xmlns:rdf="{rdf_namespace}" xmlns="{namespace}" {NAMESPACES}>'
        f"<channel><title>Tide</title><link>{BASE}</link></channel>{items}</rdf:RDF>"
    )


def atom(
    *,
    new: str = "",
    old: str = "",
    feed: str = "",
    title: str = NEW,
    namespace: str = "http://www.w3.org/2005/Atom",
) -> str:
    """Return an Atom feed."""
    entries = "".join(
        f'<entry><id>tag:tide.example,2026:{slug}</id><title>{said}</title><link href="{BASE}{slug}"/>{more}</entry>'
        for slug, said, more in (("mill", title, new), ("bench", OLD, old))
    )
    return f'<feed xmlns="{namespace}" {NAMESPACES}><title>Tide</title><id>{BASE}</id>{feed}{entries}</feed>'


def json_feed(version: str = "https://jsonfeed.org/version/1.1", *, new: str = "", feed: str = "") -> str:
    """Return a JSON Feed."""
    return (
        f'{{"version": "{version}", "title": "Tide"{feed}, "items": ['
        f'{{"id": "1", "url": "{BASE}mill", "title": "{NEW}"{new}}},'
        f'{{"id": "2", "url": "{BASE}bench", "title": "{OLD}", "content_text": "A bench."}}]}}'
    )


PUB = "<pubDate>Sun, 22 Nov 2026 08:30:00 +0100</pubDate>"
LONG = "&lt;p&gt;" + "The wheel was lowered into the water this morning. " * 20 + "&lt;/p&gt;"


def well_formed() -> Iterator[tuple[str, str]]:
    """Yield every well-formed feed with its name; each has two usable items."""
    for version in ("0.91", "0.92", "0.93", "0.94", "2.0", "2.0.1", "2.1"):
        yield f"rss {version}", rss(version)
        yield f"rss {version} dated", rss(version, new=PUB)
    for name, more in RSS_FEATURES.items():
        yield f"rss with {name}", rss(new=more)
    for name, more in RSS_CHANNEL.items():
        yield f"rss whose channel has {name}", rss(channel=more)
    yield "rss 0.90", rdf("http://my.netscape.com/rdf/simple/0.9/")
    yield "rss 1.0", rdf()
    for name in ("a dublin core date", "a creator", "content:encoded"):
        yield f"rss 1.0 with {name}", rdf(new=RSS_FEATURES[name])
    yield "atom 0.3", atom(namespace="http://purl.org/atom/ns#")
    yield "atom 1.0", atom()
    for name, more in ATOM_FEATURES.items():
        yield f"atom with {name}", atom(new=more)
    for name, more in ATOM_FEED.items():
        yield f"atom whose feed has {name}", atom(feed=more)
    yield "json feed 1.0", json_feed("https://jsonfeed.org/version/1")
    yield "json feed 1.1", json_feed()
    for name, more in JSON_FEATURES.items():
        yield f"json feed with {name}", json_feed(new=more)
    yield from ODD.items()


RSS_FEATURES = {
    "a date without seconds": "<pubDate>Sun, 22 Nov 2026 08:30 GMT</pubDate>",
    "a date in a named zone": "<pubDate>22 Nov 2026 08:30:00 EST</pubDate>",
    "a dublin core date": "<dc:date>2026-11-22T08:30:00Z</dc:date>",
    "a creator": "<dc:creator>Ines Duarte</dc:creator>",
    "an author": "<author>ines@tide.example (Ines Duarte)</author>",
    "content:encoded": f"<content:encoded>{LONG}</content:encoded>",
    "a body in a section": f"<content:encoded><![CDATA[<p>{'Wheel and water. ' * 40}</p>]]></content:encoded>",
    "a description": "<description>The wheel turns.</description>",
    "a guid": '<guid isPermaLink="false">mill-7</guid>',
    "a guid that is its address": f"<guid>{BASE}mill</guid>",
    "an enclosure": '<enclosure url="https://tide.example/mill.jpg" type="image/jpeg" length="10"/>',
    "media": '<media:content url="https://tide.example/mill.jpg" medium="image"/>',
    "a thumbnail": '<media:thumbnail url="https://tide.example/mill.jpg"/>',
    "categories": "<category>Mills</category><category domain='x'>Tides</category>",
    "comments": "<comments>https://tide.example/mill#comments</comments>",
    "a source": '<source url="https://other.example/feed">Other</source>',
    "its address behind a counter": f"<feedburner:origLink>{BASE}mill</feedburner:origLink>",
    "an atom update": "<atom:updated>2026-11-23T00:00:00Z</atom:updated>",
}
RSS_CHANNEL = {
    "a ttl": "<ttl>90</ttl>",
    "a language": "<language>fr-FR</language>",
    "hours to skip": "<skipHours><hour>3</hour></skipHours><skipDays><day>Sunday</day></skipDays>",
    "an update period": "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
    "an image": f"<image><url>{BASE}logo.png</url><title>Tide</title><link>{BASE}</link></image>",
    "a text input": "<textInput><title>q</title><name>q</name><link>https://tide.example/s</link></textInput>",
    "a next page": f'<atom:link rel="next" href="{BASE}feed?page=2"/>',
    "itself": f'<atom:link rel="self" href="{BASE}feed" type="application/rss+xml"/>',
    "a cloud": '<cloud domain="tide.example" port="80" path="/c" registerProcedure="" protocol="http-post"/>',
}
ATOM_FEATURES = {
    "both dates": "<published>2026-11-22T08:30:00+01:00</published><updated>2026-11-23T09:00:00Z</updated>",
    "an update only": "<updated>2026-11-22T08:30:00Z</updated>",
    "authors": "<author><name>Ines Duarte</name></author><author><name>Omar Ali</name></author>",
    "a summary": "<summary>The wheel turns.</summary>",
    "html content": f'<content type="html">{LONG}</content>',
    "xhtml content": '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Wheel</p></div></content>',
    "content elsewhere": '<content type="text/html" src="https://tide.example/mill.html"/>',
    "an enclosure": '<link rel="enclosure" type="image/png" href="https://tide.example/m.png"/>',
    "replies": '<link rel="replies" href="https://tide.example/mill/comments"/>',
    "rights": "<rights>All</rights><category term='mills'/>",
    "a source": "<source><id>urn:x</id><title>Other</title></source>",
}
ATOM_FEED = {
    "an author": "<author><name>The harbour office</name></author>",
    "a next page": f'<link rel="next" href="{BASE}feed?page=2"/>',
    "an archive before it": f'<link rel="prev-archive" href="{BASE}feed/2025"/>',
    "an update": "<updated>2026-11-22T08:30:00Z</updated>",
    "a generator": "<generator uri='x'>hand</generator><icon>/i.png</icon><logo>/l.png</logo>",
}
JSON_FEATURES = {
    "html": ', "content_html": "<p>Wheel</p>"',
    "text": ', "content_text": "Wheel and water."',
    "dates": ', "date_published": "2026-11-22T08:30:00+01:00", "date_modified": "2026-11-23T00:00:00Z"',
    "authors": ', "authors": [{"name": "Ines Duarte"}]',
    "the author of version 1": ', "author": {"name": "Ines Duarte"}',
    "an image": ', "image": "https://tide.example/m.jpg"',
    "a summary": ', "summary": "The wheel turns."',
    "attachments": ', "attachments": [{"url": "https://tide.example/a.mp3", "mime_type": "audio/mpeg"}]',
    "values of other kinds": ', "summary": 7, "authors": "Ines", "tags": null, "date_published": false',
}
ODD = {
    "rss with entities of html": rss(new="<description>caf&eacute;&nbsp;&copy;</description>"),
    "rss with a lone ampersand": rss(new="<description>Fish & chips</description>"),
    "rss with a forbidden character": rss(new="<description>a\x0bb</description>"),
    "rss behind white space": "\n\n  " + rss(),
    "rss behind a warning": "Warning: something in line 3\n" + rss(),
    "rss with a byte order mark": "\ufeff" + rss(),
    "rss with an undeclared prefix": rss(new="<itunes:duration>1:00</itunes:duration>"),
    "rss with a document type": '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/x.dtd">'
    + rss("0.91").partition("?>")[2],
    "rss with comments": rss().replace("<channel>", "<!-- a comment --><channel>"),
    "rss with rubbish behind it": rss() + "\n<!-- cached --><script>x()</script>",
    "rss in arabic": rss(title="عودة الطاحونة إلى العمل"),
    "atom with a title of html": atom(title="The &lt;b&gt;tide&lt;/b&gt; mill"),
    "atom with relative links": atom().replace(f'href="{BASE}', 'href="'),
}
