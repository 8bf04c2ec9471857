"""All that knows Streamlit: page frame, language, URL state, lesson blocks, components."""
