import { s } from './dom.ts';

/** 16-pixel line icons; each a path in a 16×16 box. */
const icons = {
  previous: 'M10 3 5 8l5 5',
  next: 'M6 3l5 5-5 5',
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4',
  actual: 'M3 5l1.5-1v8M11 5l1.5-1v8M8 6.5v.1M8 10v.1',
  zoomIn: 'M8 3v10M3 8h10',
  zoomOut: 'M3 8h10',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  numbers: 'M2 3h12v10H2zM2 6.5h12M2 9.7h12M6 3v10',
  anomalous: 'M8 2 15 14H1zM8 6.5v3.5M8 12v.1',
  normal: 'M8 1.5a6.5 6.5 0 1 0 .01 0M5 8.2l2.1 2.1 4-4.4',
  undo: 'M6 3 2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7',
  redo: 'M10 3l3.5 3.5L10 10M13 6.5H6.5a3.5 3.5 0 0 0 0 7H9',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13.2 1.8v3h-3',
  import: 'M8 2v7.5M4.8 6.6 8 9.8l3.2-3.2M2.5 11v2.5h11V11',
  export: 'M8 9.8V2.2M4.8 5.4 8 2.2l3.2 3.2M2.5 11v2.5h11V11',
  report: 'M3.5 1.8h6l3 3v9.4h-9zM9.3 2v3h3M5.8 11.5v-2M8 11.5V7.5M10.2 11.5v-3',
  help: 'M8 1.5a6.5 6.5 0 1 0 .01 0M6.1 6.2a1.9 1.9 0 1 1 2.7 1.7c-.6.3-.8.6-.8 1.3M8 11.4v.1',
  down: 'M8 3v9.5M4.5 9 8 12.5 11.5 9',
  mask: 'M11.5 2.5l2 2L6 12l-2.8.8L4 10z',
  brush: 'M13.5 2.5 7 9M5.5 8.7c-2 0-1.6 2.8-3.3 3.6 2.3 1.4 5.4.7 5.4-1.6z',
  eraser: 'M6 13h7.5M2.8 9.6 9 3.4l4 4L7.4 13H5.6zM5.7 6.7l4 4',
  polygon: 'M8 2.2 13.6 6.4 11.5 13H4.5L2.4 6.4z',
  region: 'M2.5 8c0-3.3 2-5 5-4.5s6 1.5 6 4.5-3 5-6 4.7-5-1.7-5-4.7zM5.5 8h5M8 5.5v5',
  clear: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 9h5.8l.6-9',
} as const;
export type IconName = keyof typeof icons;

export const icon = (name: IconName): SVGElement =>
  s('svg', { viewBox: '0 0 16 16', class: 'icon', 'aria-hidden': 'true' }, s('path', { d: icons[name] }));
