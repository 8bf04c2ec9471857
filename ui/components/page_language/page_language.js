// Streamlit fixes <html lang="en">; screen readers, hyphenation and the shapes of Chinese characters need the truth.
export default function ({ data: [data] }) {
  document.documentElement.lang = data.lang;
}
