// The component. Streamlit calls it at first and again with new data at every rerun, on the same parent element;
// the diagram standing there is then brought up to date in place.

const diagrams = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  const standing = diagrams.get(parentElement);
  if (standing) standing.update(component);
  else diagrams.set(parentElement, new Diagram(component));
  return () => {
    diagrams.get(parentElement)?.remove();
    diagrams.delete(parentElement);
  };
}
