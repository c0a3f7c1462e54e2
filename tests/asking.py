"""What the documents' examples need of ``curl``, where a machine has none: ``-s`` and one address."""

from __future__ import annotations

import sys
from urllib.error import HTTPError
from urllib.request import urlopen

if __name__ == "__main__":
    try:
        with urlopen(sys.argv[-1], timeout=60) as answer:
            body = answer.read()
    except HTTPError as error:
        body = error.read()
    sys.stdout.buffer.write(body)
