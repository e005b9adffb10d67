// Shows the document of the API; the address is relative, so that it also works behind a path prefix.
SwaggerUIBundle({ url: "openapi.json", dom_id: "#document", deepLinking: true });
