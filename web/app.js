// Starts the page.
document.body.append("butterflynet");
