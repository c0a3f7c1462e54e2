"""Make the pictures of docs/pages.md from the screenshots that the browser tests keep: `make pictures`.

Chromium itself packs them as WebP, so that no library for pictures is needed.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "build" / "screenshots"
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 1_500_000
"""Of all pictures together: a checkout stays small."""
QUALITY = 0.82
CHOSEN = {
    "latest": "latest-light",
    "latest-dark": "latest-arabic-dark",
    "latest-phone": "latest-phone",
    "article": "article-redline",
    "search": "search-light",
    "sources": "sources-light",
    "source": "source-light",
    "add-a-source": "add-source-found",
    "run": "run-suspect-light",
    "digest": "digest-light",
    "subscriptions": "subscriptions-light",
    "subscription": "subscription-form-mistake",
    "deliveries": "deliveries-light",
    "approvals": "selectors-light",
    "sign-in": "sign-in-light",
}
"""The pictures by name, and the screenshot that each is made of."""
HIGHEST = 1_000
"""Pixels from the top that a picture shows."""

_PACK = """
async ([data, quality, highest]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + data;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width;
  canvas.height = Math.min(image.height, highest);
  canvas.getContext('2d').drawImage(image, 0, 0);
  return canvas.toDataURL('image/webp', quality);
}
"""


def packed(page: Page, shot: Path) -> bytes:
    """Return a screenshot as WebP."""
    data = base64.b64encode(shot.read_bytes()).decode()
    url: str = page.evaluate(_PACK, [data, QUALITY, HIGHEST])
    return base64.b64decode(url.partition(",")[2])


def main() -> int:
    """Write all pictures; return an exit status."""
    sys.path.insert(0, str(ROOT))
    from crawler.browser.chromium import find_chromium

    missing = [shot for shot in CHOSEN.values() if not (SHOTS / f"{shot}.png").is_file()]
    if missing:
        print(f"missing screenshots, run the browser tests first: {', '.join(missing)}", file=sys.stderr)
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    total = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(sandbox=False), args=["--no-sandbox"]
        )
        page = browser.new_page()
        for name, shot in CHOSEN.items():
            picture = packed(page, SHOTS / f"{shot}.png")
            (PICTURES / f"{name}.webp").write_bytes(picture)
            total += len(picture)
        browser.close()
    print(f"{len(CHOSEN)} pictures, {total:,} bytes")
    return 0 if total <= MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
