"use strict";
const SLIDE = 220 / 72; // pixels of a picture for each point of its drawing
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

  // A cell as a spreadsheet reads it: -1238.5 for "−1,238.5", nothing for a dash.
  const plain = (cell) => {
    const text = cell.textContent.trim().replaceAll("\u00a0", " ");
    if (text === "–") return "";
    return /^[-−+]?[\d,]*\.?\d+$/.test(text) ? text.replaceAll(",", "").replace("−", "-").replace("+", "") : text;
  };
  const value = (row, place) => {
    const text = plain(row.cells[place]);
    if (text === "") return null;
    const day = /^(\d+ )?[A-Z][a-z]+ \d{4}$/.test(text) ? Date.parse(/^\d/.test(text) ? text : `1 ${text}`) : NaN;
    const number = Number.isNaN(day) ? Number(text) : day;
    return Number.isNaN(number) ? text : number;
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

  const offerSorting = (table, heads) => {
    heads.forEach((head, place) => {
      if (head.textContent.trim() === "") return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => {
        const down = head.ariaSort === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.ariaSort = down ? "descending" : "ascending";
        sortBy(table, place, down);
      });
      head.replaceChildren(button);
    });
  };

  const filterOf = (table, told) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    label.append("Rows with ", input);
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
    return label;
  };

  // What of a table is selected is copied in columns, its numbers as numbers; rows filtered out are left.
  const copied = (table, within) => [...table.rows]
    .filter((row) => !row.hidden && within(row))
    .map((row) => [...row.cells].map((cell) => plain(cell).replace(/\s+/g, " ")).join("\t"))
    .join("\n");
  let whole = null;
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    const range = selection.rangeCount ? selection.getRangeAt(0) : null;
    const around = range && range.commonAncestorContainer;
    const table = whole || (around && around.nodeType === 1 && around.closest("table"));
    if (!table) return;
    event.clipboardData.setData("text/plain", copied(table, (row) => whole || range.intersectsNode(row)));
    event.preventDefault();
  });
  const copyOf = (table, told) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy table";
    button.addEventListener("click", () => {
      whole = table;
      told.textContent = document.execCommand("copy") ? "copied" : "not copied: the browser refused";
      whole = null;
    });
    return button;
  };

  for (const table of document.querySelectorAll("main .table > table")) {
    const heads = table.tHead && table.tHead.rows.length === 1 ? [...table.tHead.rows[0].cells] : [];
    const rows = table.tBodies[0] ? [...table.tBodies[0].rows] : [];
    const even = rows.every((row) => row.cells.length === heads.length);
    if (!heads.length || !even) continue;
    for (const row of rows) {
      [...row.cells].forEach((cell, place) => { cell.dataset.head = heads[place].textContent.trim(); });
    }
    table.classList.toggle("stacks", heads.length > 3);
    if (rows.length < 3) continue;
    const told = document.createElement("output");
    const tools = document.createElement("div");
    tools.className = "tools";
    if (rows.length > 5 || table.classList.contains("sortable")) {
      offerSorting(table, heads);
      tools.append(filterOf(table, told));
    }
    tools.append(" ", copyOf(table, told), told, " ");
    table.parentElement.before(tools);
  }

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

  // A picture for slides, drawn when it is asked for, in light colours whatever the screen's are.
  const save = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  const savePicture = (svg, name) => {
    const { width, height } = svg.viewBox.baseVal;
    const [image, copy, canvas] = [new Image(), svg.cloneNode(true), document.createElement("canvas")];
    [canvas.width, canvas.height] = [width, height].map((points) => Math.round(points * SLIDE));
    copy.setAttribute("width", canvas.width);
    copy.setAttribute("height", canvas.height);
    image.addEventListener("load", () => {
      const paper = canvas.getContext("2d");
      paper.fillStyle = "white";
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(image, 0, 0);
      canvas.toBlob((blob) => save(blob, name));
    });
    image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  };

  for (const link of document.querySelectorAll('figure .downloads a[href$=".svg"]')) {
    const svg = link.closest("figure").querySelector(".frame svg");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "PNG";
    button.addEventListener("click", () => {
      savePicture(svg, link.getAttribute("href").split("/").pop().replace(/svg$/, "png"));
    });
    link.after(" ", button);
  }
})();
