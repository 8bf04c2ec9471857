"""For developers, not in the menu: the stepper with every kind of run it must be able to draw."""

import streamlit as st

from ui.components.stepper import show_stepper
from ui.gallery import examples
from ui.server import warm

warm.wait()
st.title("Stepper gallery", anchor=False)
for name, run in examples().items():
    st.subheader(name)
    show_stepper(run, key=f"gallery.{name}")
