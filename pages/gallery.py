"""For developers, not in the menu: the stepper with every kind of run it must be able to draw."""

import streamlit as st

from ui import warm
from ui.components.stepper import show_stepper
from ui.gallery import EXAMPLES

warm.wait()
st.title("Stepper gallery")
for name, (run, explain) in EXAMPLES().items():
    st.subheader(name)
    show_stepper(run, key=f"gallery.{name}", explain=explain)
