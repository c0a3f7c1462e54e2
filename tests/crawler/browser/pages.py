"""Pages of our own that are empty until their scripts have run, and scripts that reach for what they must not have."""

from __future__ import annotations

SHELL = """<!doctype html><html lang="en"><head><title>Harbour news</title></head>
<body><div id="app"></div><noscript>Please switch on JavaScript.</noscript>
<script>
fetch("/api/items.json").then(answer => answer.json()).then(items => {
  document.getElementById("app").innerHTML = "<ul>" + items.map(item =>
    `<li class="item"><a href="/story/${item.slug}">${item.title}</a></li>`).join("") + "</ul>";
});
</script></body></html>"""

ITEMS = """[{"slug": "ferry-timetable", "title": "Ferries sail half an hour later in winter"},
{"slug": "lighthouse-open", "title": "The lighthouse opens its stairs to visitors"},
{"slug": "quay-repairs", "title": "Repairs on the north quay begin in March"}]"""

STORY = """<!doctype html><html lang="en"><head><title>{title}</title></head><body><div id="story"></div><script>
document.getElementById("story").innerHTML = "<h1>{title}</h1><div class=body><p>{text}</p></div>";
</script></body></html>"""


def reaching_for(*addresses: str) -> str:
    """Return a page whose scripts try to reach addresses in every way that a browser knows, and then show one item."""
    tries = "\n".join(
        f"""
fetch("http://{address}/fetched", {{mode: "no-cors"}}).catch(() => 0);
new Image().src = "http://{address}/image.png";
try {{ new WebSocket("ws://{address}/socket"); }} catch (error) {{}}
try {{ navigator.sendBeacon("http://{address}/beacon", "x"); }} catch (error) {{}}
document.body.insertAdjacentHTML("beforeend",
  '<iframe src="http://{address}/frame"></iframe><script src="http://{address}/script.js"><\\/script>' +
  '<link rel="preconnect" href="http://{address}"><link rel="stylesheet" href="http://{address}/style.css">');
try {{
  const peer = new RTCPeerConnection({{iceServers: [{{urls: "stun:{address}"}}]}});
  peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer));
}} catch (error) {{}}"""
        for address in addresses
    )
    return f"""<!doctype html><html><head><title>Reaching</title></head><body>
<ul><li class="item"><a href="/story/one">One item stands here from the beginning</a></li></ul>
<iframe src="file:///etc/hostname"></iframe>
<script>{tries}</script></body></html>"""
