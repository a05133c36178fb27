// The component: Streamlit calls it at first and again with new data, on the same parent element.

const editors = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  const standing = editors.get(parentElement);
  if (standing) standing.update(component);
  else editors.set(parentElement, new Editor(component));
  return () => {
    editors.get(parentElement)?.remove();
    editors.delete(parentElement);
  };
}
