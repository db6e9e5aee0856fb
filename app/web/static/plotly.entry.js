// What the charts of `layouts/render/plotly` are drawn with, of all that plotly.js can draw: lines come with its core.
var Plotly = require("plotly.js/lib/core");
Plotly.register([require("plotly.js/lib/bar"), require("plotly.js/lib/heatmap"), require("plotly.js/lib/choropleth")]);
module.exports = Plotly;
