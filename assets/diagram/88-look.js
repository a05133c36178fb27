// Light or dark, and the palette that goes with it.

const dark = matchMedia("(prefers-color-scheme: dark)");

// Streamlit gives its theme as custom properties; a bare page has only the system's wish.
function readLook(host, palette) {
  const background = getComputedStyle(host).getPropertyValue("--st-background-color").trim();
  const theme = (background ? isDark(background) : dark.matches) ? "dark" : "light";
  const colours = background ? { ...palette[theme], background } : palette[theme];
  const sequential = new ColourScale(palette[theme].sequential);
  const stroke = (share) => sequential.at(lerp(LEAST_STROKE, 1, share));
  return { theme, palette: colours, diverging: new ColourScale(palette[theme].diverging), sequential, stroke };
}

const LEAST_STROKE = 0.42; // paler than this a line can no longer be seen on the page

function isDark(colour) {
  ruler.fillStyle = "#ffffff";
  ruler.fillStyle = colour; // the canvas turns any CSS colour into #rrggbb
  const hex = ruler.fillStyle;
  return hex.startsWith("#") && luminance(channels(hex)) < 0.3;
}

// Hands the palette to the style sheet.
function dress(root, { theme, palette }) {
  root.setAttribute("data-theme", theme);
  const set = (name, value) => root.style.setProperty(`--u-${name}`, value);
  for (const name of ["background", "surface", "ink", "muted", "line", "grid", "primary", "band"]) set(name, palette[name]);
  set("on-primary", palette.onPrimary);
  for (const [name, font] of Object.entries(palette.fonts)) set(`font-${name}`, font);
  for (const [role, { fill, stroke }] of Object.entries(palette.roles)) {
    set(`${role}-fill`, fill);
    set(`${role}-stroke`, stroke);
  }
}
