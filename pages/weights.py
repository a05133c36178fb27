"""Bring weights."""

import streamlit as st

st.markdown("In the making.")
