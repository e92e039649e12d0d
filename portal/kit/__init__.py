"""What every screen is made of: components, layouts, charts, wording, forms, assets."""
