"use strict";
(() => {
  const folded = document.querySelectorAll("details.code");
  if (folded.length) {
    const button = document.createElement("button");
    const say = () => { button.textContent = button.ariaPressed === "true" ? "Hide all code" : "Show all code"; };
    button.type = "button";
    button.className = "show-code";
    button.ariaPressed = "false";
    button.addEventListener("click", () => {
      button.ariaPressed = button.ariaPressed === "true" ? "false" : "true";
      for (const one of folded) one.open = button.ariaPressed === "true";
      say();
    });
    say();
    folded[0].before(button);
  }

  // Folded parts that are linked to, or printed, are opened; most browsers do the first by themselves.
  const open = (element) => {
    for (let one = element; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  };
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("details")) {
      open(target);
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details.analysis, details.also")) one.open = true;
  });
  openTarget();

  const value = (row, place) => {
    const text = row.cells[place].textContent.trim();
    const number = Number(text.replaceAll(",", "").replace("−", "-"));
    return text === "–" || text === "" ? null : Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");
  };

  const sortBy = (table, place, down) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [value(a, place), value(b, place)];
      return x === null || y === null ? compare(x, y) : compare(x, y) * (down ? -1 : 1);
    });
    body.append(...rows);
  };

  const offerSorting = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => {
        const down = head.ariaSort === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.ariaSort = down ? "descending" : "ascending";
        sortBy(table, place, down);
      });
      head.replaceChildren(button);
    });
  };

  const offerFilter = (table) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const told = document.createElement("output");
    label.className = "filter";
    label.append("Rows with ", input, " ", told);
    input.type = "search";
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      told.textContent = input.value ? `${shown} of ${table.tBodies[0].rows.length}` : "";
    });
    table.parentElement.before(label);
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    offerSorting(table);
    offerFilter(table);
  }
})();
