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

  // The points of a figure are read with the arrow keys, or by pointing near one.
  const offerReading = (frame, lines) => {
    const told = document.createElement("output");
    let [line, place] = [0, -1];
    const show = (spot) => {
      for (const other of frame.querySelectorAll(".at")) other.classList.remove("at");
      told.textContent = spot ? spot.querySelector("title").textContent : "";
      if (spot) spot.classList.add("at");
    };
    const spotAt = () => lines[line].children[place];
    const nearest = (x) => {
      const far = (spot) => Math.abs(spot.cx.baseVal.value - x);
      const spots = [...lines[line].children];
      return spots.indexOf(spots.reduce((a, b) => (far(b) < far(a) ? b : a)));
    };
    const moves = {
      ArrowRight: () => { place += 1; },
      ArrowLeft: () => { place = place < 0 ? Infinity : place - 1; },
      Home: () => { place = 0; },
      End: () => { place = Infinity; },
      ArrowDown: () => { line += 1; },
      ArrowUp: () => { line -= 1; },
    };
    frame.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        place = -1;
        show(null);
      }
      const scrolls = lines.length < 2 && ["ArrowUp", "ArrowDown"].includes(event.key);
      if (!(event.key in moves) || scrolls || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const [x, before] = [place < 0 ? null : spotAt().cx.baseVal.value, line];
      moves[event.key]();
      line = (line + lines.length) % lines.length;
      if (line !== before) place = x === null ? 0 : nearest(x);
      place = Math.max(0, Math.min(place, lines[line].children.length - 1));
      show(spotAt());
      spotAt().scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    frame.addEventListener("pointerover", (event) => {
      const spot = event.target.closest(".values circle");
      if (spot) {
        line = lines.indexOf(spot.parentElement);
        place = [...spot.parentElement.children].indexOf(spot);
        show(spot);
      }
    });
    frame.ariaLabel += "; arrow keys read its values";
    told.className = "value";
    frame.after(told);
  };

  for (const frame of document.querySelectorAll(".frame")) {
    const lines = [...frame.querySelectorAll(".values")].filter((one) => one.children.length);
    if (lines.length) offerReading(frame, lines);
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    offerSorting(table);
    offerFilter(table);
  }
})();
