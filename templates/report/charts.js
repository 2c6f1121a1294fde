"use strict";
// Draws the charts of the report out of the JSON in the page. Every one of them has its figures in a table beside it.
(() => {
  const told = JSON.parse(document.getElementById("figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const MANY = 1000; // dots; more are painted, not drawn as elements
  const TICKS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18000, 43200, 86400, 172800, 432000, 864000, 2592000, 8640000];
  const TICK = "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? datum.value / 60 + ' min' : " +
    "datum.value < 86400 ? datum.value / 3600 + ' h' : datum.value / 86400 + ' d'";
  const NAMES = { recover: "Time to recover", detect: "Time to detect" };

  function words(seconds) {
    if (seconds === null) return "not known from so few";
    const s = Math.round(seconds);
    if (s < 60) return s + " s";
    const minutes = Math.floor(s / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (hours >= 48) return days + " d" + (hours % 24 ? " " + (hours % 24) + " h" : "");
    if (hours) return hours + " h" + (minutes % 60 ? " " + (minutes % 60) + " min" : "");
    return minutes + " min" + (minutes < 10 && s % 60 ? " " + (s % 60) + " s" : "");
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  function span(low, high) {
    return low === null ? "not known from so few" : words(low) + " to " + words(high);
  }

  // From a little before the least of these to a little after the largest.
  function seconds(title, values) {
    const known = values.filter((value) => value !== null);
    const domain = known.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [known[0], known[0]]);
    const beside = domain[1] / domain[0] < 4 ? 3 : 1.25;
    return {
      field: "seconds", type: "quantitative", title: title, scale: { type: "log", nice: false, domain: [domain[0] / beside, domain[1] * beside] },
      axis: { values: TICKS, labelExpr: TICK, labelOverlap: "greedy", labelSeparation: 8, labelFlush: true, grid: true }
    };
  }

  function strip(metric) {
    const dots = told.dots[metric].map(([at, severity, open, key, service], index) => ({
      seconds: at, severity: "Sev " + severity, state: open ? "still open, so far" : "over",
      incident: key, service: service || "(not told)", took: words(at), place: 0.8 * ((index * 0.618034) % 1)
    }));
    const typical = told.typical[metric].map(([severity, median, low, high]) => ({
      severity: "Sev " + severity, seconds: median, low: low, high: high, place: 0.95,
      took: words(median), interval: span(low, high)
    }));
    const ends = typical.filter((one) => one.low !== null);
    const rows = [...new Set(dots.map((dot) => dot.severity))].sort();
    const ink = colour("ink");
    const states = dots.some((dot) => dot.state !== "over") ? {
      shape: { field: "state", type: "nominal", title: null, scale: { domain: ["over", "still open, so far"], range: ["circle", "triangle-right"] } },
      color: { field: "state", type: "nominal", title: null, scale: { domain: ["over", "still open, so far"], range: [colour("one"), colour("two")] } }
    } : { color: { value: colour("one") } };
    const y = { field: "severity", type: "nominal", title: null, sort: rows, scale: { domain: rows, paddingInner: 0.35 } };
    const place = { field: "place", type: "quantitative", scale: { domain: [0, 1] }, axis: null };
    return {
      height: Math.max(1, rows.length) * (dots.length > MANY ? 120 : 76),
      layer: [
        {
          data: { values: dots },
          mark: { type: "point", filled: true, opacity: dots.length > MANY ? 0.35 : 0.65 },
          encoding: {
            x: seconds(NAMES[metric] + " (logarithmic)", [...dots.map((dot) => dot.seconds), ...ends.flatMap((one) => [one.low, one.high])]), y: y, yOffset: place, ...states,
            size: { condition: { test: "datum.state !== 'over'", value: 100 }, value: dots.length > MANY ? 14 : 48 },
            tooltip: [{ field: "incident", title: "Incident" }, { field: "took", title: NAMES[metric] }, { field: "state", title: "State" },
              { field: "service", title: "Service" }, { field: "severity", title: "Severity" }]
          }
        },
        {
          data: { values: ends },
          mark: { type: "rule", strokeWidth: 3, color: ink },
          encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" }, y: y, yOffset: place }
        },
        {
          data: { values: typical },
          mark: { type: "point", shape: "diamond", filled: true, size: 170, color: ink, stroke: colour("card"), strokeWidth: 2, opacity: 1 },
          encoding: {
            x: { field: "seconds", type: "quantitative" }, y: y, yOffset: place,
            tooltip: [{ field: "severity", title: "Severity" }, { field: "took", title: "Median" }, { field: "interval", title: "95 % interval" }]
          }
        }
      ]
    };
  }

  // The three things that tell both metrics apart: colour, shape, dash.
  function twoMetrics() {
    const domain = [NAMES.recover, NAMES.detect];
    return {
      color: { field: "metric", type: "nominal", title: null, scale: { domain: domain, range: [colour("one"), colour("two")] } },
      shape: { field: "metric", type: "nominal", title: null, scale: { domain: domain, range: ["circle", "square"] } },
      strokeDash: { field: "metric", type: "nominal", title: null, scale: { domain: domain, range: [[1, 0], [6, 4]] } }
    };
  }

  function curve() {
    const points = Object.entries(told.curve).flatMap(([metric, steps]) => steps.map(([at, share]) => ({
      metric: NAMES[metric], seconds: at, share: share, took: words(at)
    })));
    const { color, strokeDash } = twoMetrics();
    color.legend = { symbolType: "stroke", symbolSize: 500, symbolStrokeWidth: 2.5 };
    return {
      height: 260, data: { values: points },
      mark: { type: "line", interpolate: "step-after", strokeWidth: 2.5 },
      encoding: {
        x: seconds("Over within (logarithmic)", points.map((point) => point.seconds)),
        y: { field: "share", type: "quantitative", title: "Share of incidents", axis: { format: "%", values: [0, 0.25, 0.5, 0.75, 0.9, 1] }, scale: { domain: [0, 1] } },
        color: color, strokeDash: strokeDash
      }
    };
  }

  function trend() {
    const points = told.trend.map(([month, metric, median, low, high, n]) => ({
      month: month, metric: NAMES[metric], seconds: median, low: low, high: high, n: n, took: words(median), interval: span(low, high)
    }));
    const { color, shape, strokeDash } = twoMetrics();
    const x = { field: "month", type: "ordinal", title: null, axis: { labelAngle: 0, labelOverlap: "greedy" } };
    const aside = { field: "metric", type: "nominal", sort: [NAMES.recover, NAMES.detect] };
    return {
      height: 280, data: { values: points },
      layer: [
        {
          mark: { type: "line", strokeWidth: 1.5, opacity: 0.7 },
          encoding: { x: x, xOffset: aside, y: seconds("Median (logarithmic)", points.flatMap((point) => [point.low, point.seconds, point.high])), color: color, strokeDash: strokeDash }
        },
        {
          data: { values: points.filter((point) => point.low !== null) },
          mark: { type: "rule", strokeWidth: 2 },
          encoding: { x: x, xOffset: aside, y: { field: "low", type: "quantitative" }, y2: { field: "high" }, color: color }
        },
        {
          mark: { type: "point", filled: true, size: 80, opacity: 1 },
          encoding: {
            x: x, xOffset: aside, y: { field: "seconds", type: "quantitative" }, color: color, shape: shape,
            tooltip: [{ field: "month", title: "Month" }, { field: "metric", title: "Figure" }, { field: "took", title: "Median" },
              { field: "interval", title: "95 % interval" }, { field: "n", title: "Incidents" }]
          }
        }
      ]
    };
  }

  function look(width) {
    const ink = colour("ink"), soft = colour("soft"), line = colour("line");
    return {
      background: "transparent", font: "system-ui, sans-serif", aria: false, view: { stroke: null },
      axis: { labelColor: soft, titleColor: soft, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
      axisY: { labelColor: ink, labelFontSize: 13 },
      legend: { labelColor: ink, orient: "top", labelFontSize: 13, symbolSize: 90, symbolOpacity: 1, labelLimit: 300, ...(width < 420 ? { columns: 1 } : {}) }
    };
  }

  function draw(id, spec, dots) {
    const place = document.getElementById(id);
    if (!place) return;
    vegaEmbed(place, {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json", width: "container", autosize: { type: "fit-x", contains: "padding" },
      config: look(place.clientWidth), ...spec
    }, {
      actions: false, ast: true, defaultStyle: false, renderer: dots > MANY ? "canvas" : "svg",
      tooltip: { theme: dark.matches ? "dark" : "light" }
    }).catch((error) => { place.textContent = "This chart could not be drawn (" + error.message + "). Its figures are in the tables."; });
  }

  function drawAll() {
    for (const metric of ["recover", "detect"]) draw(metric + "-dots", strip(metric), told.dots[metric].length);
    draw("curve", curve(), 0);
    draw("trend", trend(), 0);
  }

  drawAll();
  dark.addEventListener("change", drawAll);
})();
