// Shows messages as they arrive above those that are there. Text only ever becomes text.
"use strict";
(() => {
  const button = document.getElementById("follow");
  const rows = document.querySelector("table.messages tbody");
  if (!button || !rows) return;
  const most = 1000;
  let source = null;

  const cell = (row, name, text) => {
    const td = row.insertCell();
    td.className = name;
    td.textContent = text;
    return td;
  };

  const show = (row) => {
    rows.prepend(row);
    while (rows.rows.length > most) rows.deleteRow(-1);
  };

  const message = (event) => {
    const m = JSON.parse(event.data);
    const row = document.createElement("tr");
    row.className = m.severity === undefined ? "" : "s" + Number(m.severity);
    cell(row, "when", m.received_at.slice(0, 23).replace("T", " "));
    const host = document.createElement("a");
    host.href = "/hosts/" + encodeURIComponent(m.host);
    host.textContent = m.host;
    cell(row, "host", "").append(host);
    const text = cell(row, "text", "");
    const around = document.createElement("a");
    around.href = "/messages/" + encodeURIComponent(m.position);
    around.className = "plain";
    around.textContent = m.text;
    text.append(around);
    show(row);
  };

  const skipped = (event) => {
    const row = document.createElement("tr");
    cell(row, "when", "");
    cell(row, "host", "");
    cell(row, "text dim", JSON.parse(event.data).count + " messages skipped: too many to show");
    show(row);
  };

  const stop = () => {
    if (source) source.close();
    source = null;
    button.textContent = "Follow";
  };

  button.addEventListener("click", () => {
    if (source) return stop();
    source = new EventSource(button.dataset.tail);
    source.addEventListener("message", message);
    source.addEventListener("skipped", skipped);
    source.addEventListener("error", () => {
      if (source && source.readyState === EventSource.CLOSED) stop();
    });
    button.textContent = "Stop";
  });
  button.hidden = false;
})();
