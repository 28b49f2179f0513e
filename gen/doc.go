// Package gen holds the types and the client that are generated from
// api/openapi.json. make generate makes every file except this one. Do not edit
// the others.
//
// Use the client through commbox.Client.API, which adds authentication, retries,
// limits and errors. These are its methods for an operation X:
//
//   - XWithResponse performs the operation and decodes the answer.
//   - XWithMultipartBodyWithResponse does so with a form, which may have files.
//   - XWithBodyWithResponse does so with any body.
//
// An ID in a path may be raw or percent-encoded. In a request, a nil pointer leaves
// a field out. In an answer, an absent field has its zero value.
package gen
