// Scrolling inside the stage, so that what moves stays in sight.

class Sight {
  constructor(diagram) {
    this.diagram = diagram;
  }

  // While slices peel out, the one on its way stays in sight.
  followFront() {
    const { stage, state, scroller } = this.diagram;
    const front = stage.motion?.front;
    if (front) this.#reveal(front.left, front.left + front.width);
    else if (state.front <= 0.5) scroller.scrollLeft = 0;
  }

  // Where the folded cell is drawn on, the stage stays where the hand has left it.
  revealCursor() {
    const { stage, state } = this.diagram;
    if (stage.scene.isEditable) return;
    const { layout, motion } = stage;
    const { cursor } = state;
    if (motion.deposited >= cursor) this.#reveal(layout.left(cursor), layout.left(cursor) + layout.width(cursor));
  }

  #reveal(left, right) {
    const { stage, scroller } = this.diagram;
    const { viewWidth, scrollLeft = 0, layout } = stage; // as they were before this frame: asking now would lay out twice
    const edge = Math.min(60, viewWidth / 6);
    const most = Math.max(0, layout.total - viewWidth);
    if (left - edge < scrollLeft && scrollLeft > 0) scroller.scrollLeft = left - edge;
    else if (right + edge > scrollLeft + viewWidth && scrollLeft < most) scroller.scrollLeft = right + edge - viewWidth;
  }
}
