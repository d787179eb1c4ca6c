/** A light line in a dark one: seen on every ground. @param width of the light one */
export function strokeTwice(context: CanvasRenderingContext2D, width: number): void {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.strokeStyle = 'rgb(0 0 0 / 75%)';
  context.lineWidth = width + 2;
  context.stroke();
  context.strokeStyle = '#fff';
  context.lineWidth = width;
  context.stroke();
}
