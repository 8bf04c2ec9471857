"""The baseline for memory: an empty Streamlit page that imports torch."""

import streamlit as st
import torch

st.title("Torch")
st.write(str(torch.ones(1)))
