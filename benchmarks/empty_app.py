"""The baseline: an empty Streamlit page with one control, as shipped."""

import streamlit as st

st.title("Empty")
st.write("value", st.number_input("seed", 0, 999))
