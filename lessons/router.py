"""The script Streamlit runs for every view; see `app.py` for why it does not live there."""

from lessons import places
from ui import shell

shell.run(places())
