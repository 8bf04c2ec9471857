"""Pictures as pure functions: arrays and ready labels in, a Plotly figure out. No streamlit, no torch."""
