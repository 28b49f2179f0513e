// Package gen holds the types and the client that are generated from
// api/openapi.json. Everything but this file is made by make generate; do not
// edit it.
//
// Use the client through commbox.Client.API, which adds authentication,
// retries, limits and errors. Of its methods,
//
//   - XWithResponse performs the operation X and decodes the answer;
//   - XWithMultipartBodyWithResponse sends a form, files included;
//   - XWithBodyWithResponse sends any body.
//
// IDs in paths are given raw or percent-encoded. In what is sent, a nil pointer
// leaves a field out; what is absent from an answer is its zero value.
package gen
