package dev.dualwrite.spring.jpa.heir;

/** Extends an entity, and is none: as a test double does, or an object that carries one elsewhere. */
public class Heir extends Parent {}
