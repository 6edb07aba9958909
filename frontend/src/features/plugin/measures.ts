/** What chart and page both have to know of its size. In a file of its own: the page must not load the chart library for it. */
export const HEIGHT_PX = 168;
export const AXIS_PX = 62; // the values' axis; the buttons over the plot are placed by it, too
export const EDGE_PX = 10;
