// Package contracttest holds the client to the document, whatever operations
// that has: its tests call what was generated, by reflection.
package contracttest
