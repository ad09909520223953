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
})();
