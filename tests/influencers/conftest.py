"""Letters about programs go to the tests' own mail server."""

from tests.mail.conftest import configure as configure
from tests.mail.conftest import sink as sink
