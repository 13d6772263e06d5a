"""Thin services of the application."""
