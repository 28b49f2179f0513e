// Package gen holds the models and the client that oapi-codegen makes from
// api/openapi.json. Do not edit it: run make generate.
//
// Most programs want package commbox, whose Client.API returns this client
// with authentication, retries, limits and errors already in place.
package gen
