"""Pictures as pure functions: data in, a Plotly figure or a scene for the diagram out."""
