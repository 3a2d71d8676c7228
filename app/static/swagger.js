// Shows the description of the API; everything it loads is ours.
const place = document.getElementById("swagger");
SwaggerUIBundle({
  url: place.dataset.spec,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
