"""HTTP that no noun owns: headers, forms, templates, refusals as pages."""
